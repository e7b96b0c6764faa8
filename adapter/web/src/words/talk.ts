// What the screens of features/talk say.

export const talk = {
  title: "채팅방",
  log: "대화",
  toPost: "글로 돌아가기",
  toBoard: "우리 동네로 가기",
  openPost: (title: string) => `${title} 글 보기`,

  unread: "여기까지 읽었어요",
  newest: "맨 아래로",
  news: (n: number) => `새 메시지 ${n > 99 ? "99+" : n}개`,
  older: "이전 메시지를 불러오는 중",
  olderFailed: "이전 메시지를 불러오지 못했어요.",
  empty: "아직 나눈 이야기가 없어요. 먼저 인사해 볼까요?",
  me: "나",
  // Not every browser's Intl says 오전 and 오후.
  time: (hour: number, minute: number) => `${hour < 12 ? "오전" : "오후"} ${hour % 12 || 12}:${String(minute).padStart(2, "0")}`,

  // Notices: who came and went, and what has become of the post.
  joined: (name: string) => `${name} 님이 들어왔어요.`,
  departed: (name: string) => `${name} 님이 나갔어요.`,
  kicked: (name: string) => `${name} 님을 내보냈어요.`,
  post: {
    edited: "글이 수정됐어요.",
    resized: (n: number) => `모집 인원이 ${n}명으로 바뀌었어요.`,
    closed: "모집을 마감했어요.",
    reopened: "모집을 다시 시작했어요.",
    mine: "글쓴이가 탈퇴해서 이제 내가 이어서 이끌어요.",
  },

  write: "메시지 쓰기",
  placeholder: "메시지를 입력해 주세요",
  send: "보내기",
  letters: (n: number, limit: number) => `${limit.toLocaleString("ko-KR")}자 가운데 ${n.toLocaleString("ko-KR")}자`,
  tooLong: (limit: number) => `메시지는 ${limit.toLocaleString("ko-KR")}자까지 보낼 수 있어요.`,
  sending: "보내는 중",
  failed: "보내지 못했어요",
  again: "다시 보내기",
  forget: "지우기",

  connecting: "채팅방에 연결하는 중…",
  lost: "연결이 끊겼어요. 다시 연결하는 중…",
  reconnect: "다시 연결",

  members: (n: number) => `참여자 ${n}명 보기`,
  membersTitle: "참여자",
  writer: "글쓴이",
  kick: "내보내기",
  kickName: (name: string) => `${name} 님 내보내기`,
  kickTitle: (name: string) => `${name} 님을 내보낼까요?`,
  kickText: "내보낸 사람은 이 채팅방에 다시 참여할 수 없어요.",
  leave: "채팅방 나가기",
  leaveTitle: "채팅방에서 나갈까요?",
  leaveText: "자리가 남아 있으면 글에서 다시 참여할 수 있어요.",
  leaveDo: "나가기",
  left: "채팅방에서 나왔어요.",
  delete: "채팅방 삭제",
  deleteTitle: "채팅방을 삭제할까요?",
  deleteText: "모두 채팅방에서 나가고 대화를 더는 볼 수 없어요. 글은 모집 완료로 남아요.",
  deleteDo: "삭제하기",
  deleted: "채팅방을 삭제했어요.",

  gone: {
    deleted: { title: "채팅방이 삭제됐어요", text: "글쓴이가 채팅방이나 글을 지웠어요." },
    dismissed: {
      title: "글쓴이가 채팅방에서 내보냈어요",
      text: "내보내진 채팅방에는 다시 참여할 수 없어요.",
    },
    left: { title: "채팅방에서 나왔어요", text: "다른 창이나 기기에서 나갔어요. 자리가 남아 있으면 글에서 다시 참여할 수 있어요." },
    stranger: { title: "이 채팅방의 참여자가 아니에요", text: "자리가 남아 있으면 글에서 참여할 수 있어요." },
    missing: { title: "채팅방을 찾을 수 없어요", text: "글이 지워졌거나 주소가 바뀌었을 수 있어요." },
    signed_out: { title: "로그인이 끝났어요", text: "다시 로그인하면 이어서 이야기할 수 있어요." },
    elsewhere: { title: "다른 창에서 이 채팅방을 보고 있어요", text: "한 채팅방은 창 다섯 개까지 열 수 있어요." },
  },
  signIn: "로그인하기",
  here: "여기서 이어 보기",
};

/** The list of one's own rooms. */
export const rooms = {
  title: "채팅",
  none: "아직 함께하는 모임이 없어요",
  noneText: "이웃의 글에 함께하거나 글을 쓰면 채팅방이 여기에 모여요.",
  toBoard: "우리 동네 둘러보기",
  people: (joined: number, of: number) => `${joined}/${of}명`,
  host: "내가 이끄는 모임",
  complete: "모집 완료",
};
