// What the board of features/party says; post.ts has the words for a single post.

export const party = {
  open: "모집 중",
  done: "모집 완료",
  mine: "내 글",
  remaining: (n: number) => (n === 1 ? "한 자리 남았어요" : `${n}자리 남았어요`),
};

export const board = {
  title: (place: string) => `${place} 게시판`,
  move: "동네 바꾸기",
  categories: "음식 종류",
  all: "전체",
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
  showAll: "전체 글 보기",
  noneHere: (state: string, pages: number) => (pages > 1 ? `이 쪽에는 ${state}인 글이 없어요` : `${state}인 글이 없어요`),
  noneHereText: "다른 쪽에는 있을 수 있어요.",
  nextPage: "다음 쪽 보기",
  anyState: "모든 글 보기",
};

/** What is said around the posts. */
export const list = {
  count: (n: number) => (n === 0 ? "보이는 글이 없어요" : `글 ${n}개`),
  pages: "쪽 이동",
  prev: "PREV",
  next: "NEXT",
  page: (n: number) => `${n}쪽`,
};
