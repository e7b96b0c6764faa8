// What every screen says. The words of a feature are in the file of its name beside this one.

export const app = {
  name: "밀버디",
  tagline: "같이 시키면 더 맛있어요",
  skip: "본문으로 건너뛰기",
  title: (page: string) => `${page} · 밀버디`,
};

export const common = {
  cancel: "취소",
  close: "닫기",
  back: "뒤로",
  retry: "다시 시도",
  show: "보기",
  loading: "불러오는 중",
  notices: "알림",
  letters: (n: number, limit: number) => `${limit}자 가운데 ${n}자`,
};

export const nav = {
  label: "주요 메뉴",
  board: "우리 동네",
  rooms: "채팅",
  write: "글쓰기",
  me: "내 정보",
  menus: "뭐 먹지?",
  home: "밀버디 처음으로",
  fresh: (n: number) => `새 소식 ${n}개`,
};

export const offline = {
  bar: "인터넷 연결이 끊겼어요.",
  seen: (when: string) => `${when}에 본 내용이에요.`,
};

/** Refusals in our own words; the server's sentence stands in for a code that is missing here. */
export const refused = {
  offline: "인터넷에 연결되지 않았어요. 연결을 확인하고 다시 시도해 주세요.",
  invalid: "입력한 내용을 다시 확인해 주세요.",
  malformed_body: "보낸 내용을 읽을 수 없어요. 다시 시도해 주세요.",
  invalid_credentials: "이메일이나 비밀번호가 맞지 않아요.",
  not_signed_in: "로그인이 필요해요.",
  not_writer: "글쓴이만 할 수 있어요.",
  not_a_member: "채팅방 참여자만 할 수 있어요.",
  banned: "내보내진 채팅방에는 다시 참여할 수 없어요.",
  not_found: "찾는 것이 없어요.",
  post_not_found: "글을 찾을 수 없어요. 지워졌을 수 있어요.",
  member_not_found: "이 채팅방에 참여한 적이 없는 사람이에요.",
  place_not_found: "이 위치의 동네를 찾을 수 없어요. 검색하거나 직접 적어 주세요.",
  recruitment_closed: "모집이 끝난 글이에요.",
  too_many_posts: "한 번에 글 10개까지 모집할 수 있어요. 다른 글의 모집을 마감한 뒤 다시 시도해 주세요.",
  too_many_posts_today: "하루에 글 30개까지 쓸 수 있어요. 내일 다시 써 주세요.",
  idempotency_conflict: "앞서 보낸 글이 이미 올라갔어요. 게시판에서 확인해 주세요. 다시 누르면 새 글로 올려요.",
  writer_cannot_leave: "글쓴이는 채팅방에서 나갈 수 없어요.",
  body_too_large: "보낸 내용이 너무 커요.",
  internal: "문제가 생겼어요. 잠시 뒤에 다시 시도해 주세요.",
  busy: "지금 이용자가 많아요. 잠시 뒤에 다시 시도해 주세요.",
  unavailable: "지금은 이용할 수 없어요. 잠시 뒤에 다시 시도해 주세요.",
  unknown_outcome: "저장되었는지 확인하지 못했어요. 저장되었는지 본 다음 다시 시도해 주세요.",
};

export const seats = {
  label: (taken: number, of: number) => `${of}명 중 ${taken}명 참여`,
  short: (taken: number, of: number) => `${taken}/${of}명`,
};

export const ago = {
  now: "방금 전",
  minutes: (n: number) => `${n}분 전`,
  hours: (n: number) => `${n}시간 전`,
  yesterday: "어제",
  days: (n: number) => `${n}일 전`,
  date: (year: number | null, month: number, day: number) => `${year ? `${year}년 ` : ""}${month}월 ${day}일`,
  time: (hour: number, minute: number) => `${hour < 12 ? "오전" : "오후"} ${hour % 12 || 12}:${String(minute).padStart(2, "0")}`,
};

export const pages = {
  lostTitle: "찾는 페이지가 없어요",
  lostText: "주소가 바뀌었거나 지워진 페이지일 수 있어요.",
  brokenTitle: "문제가 생겼어요",
  brokenText: "화면을 보여 드리지 못했어요. 잠시 뒤에 다시 시도해 주세요.",
  reload: "새로 고침",
  updatingTitle: "새 버전으로 바꾸는 중이에요",
  updatingText: "곧 다시 열어 볼게요. 잠시만 기다려 주세요.",
  offlineTitle: "지금은 오프라인이에요",
  offlineText: "인터넷에 연결되면 이 화면을 바로 보여 드릴게요.",
  toBoard: "우리 동네로 가기",
  toLanding: "처음으로 가기",
};

export const theme = {
  label: "화면 테마",
  auto: "기기 설정",
  light: "밝게",
  dark: "어둡게",
};
