// What the board of features/party says; post.ts has the words for a single post.

export const party = {
  open: "모집 중",
  done: "모집 완료",
  mine: "내 글",
  joined: "참여 중",
  remaining: (n: number) => (n === 1 ? "한 자리 남았어요" : `${n}자리 남았어요`),
};

export const board = {
  skip: "글 목록으로 건너뛰기",
  move: "동네 바꾸기",
  categories: "음식 종류",
  all: "모든 음식",
  states: "모집 상태",
  list: "글 목록",
  listAt: (page: number) => `글 목록, ${page}쪽`,
  stale: "새 글을 가져오지 못했어요.",
  first: "첫 글 쓰기",
  fresh: (place: string) => `${place}의 첫 글을 써 보세요`,
  freshText: "먹고 싶은 메뉴를 올리면 이웃이 채팅으로 찾아와요.",
  none: (category: string) => `${category} 글이 아직 없어요`,
  noneText: "먼저 올리면 먹고 싶은 이웃이 찾아와요.",
  writeIn: (category: string) => `${category} 글 쓰기`,
  showAll: "모든 음식 보기",
  stateNames: { recruiting: "모집 중", complete: "완료", all: "전체" },
  noneOf: { recruiting: "지금 모집 중인 글이 없어요", complete: "모집이 끝난 글이 없어요" },
  write: "글 쓰기",
  anyState: "모든 글 보기",
};

/** What is said around the posts. */
export const list = {
  count: (n: number) => (n === 0 ? "보이는 글이 없어요" : `글 ${n}개`),
  more: "글 더 보기",
  news: (n: number, most: number) => (n < most ? `새 글 ${n}개 보기` : `새 글 ${most}개 이상 보기`),
  pages: "쪽 이동",
  prev: "이전",
  next: "다음",
  page: (n: number) => `${n}쪽`,
};
