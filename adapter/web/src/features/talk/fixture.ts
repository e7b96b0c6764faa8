import type { Schemas } from "../../api/client";

export const bob = { id: 2, username: "보라", email: "bo**@example.com" };
export const cho = { id: 3, username: "초롱", email: "ch**@example.com" };
export const me = { id: 1, username: "앤", email: "an**@example.com" };

type Message = Schemas["Message"];

/** What somebody said, a minute after what was said before. */
export function line(seq: number, user: Schemas["Person"] = bob, part: Partial<Message> = {}): Message {
  return {
    id: seq + 100,
    seq,
    type: "chat.message",
    message: `말 ${seq}`,
    created_at: new Date(Date.UTC(2026, 10, 22, 3, seq)).toISOString(),
    chatroom: 1,
    user,
    client_id: null,
    ...part,
  };
}

export function notice(seq: number, what: "join" | "leave", name = "초롱"): Message {
  return line(seq, bob, { type: `chat.user.${what}`, user: null, message: `${name} 님이 ${what === "join" ? "입장" : "퇴장"}했습니다.` });
}

export function kicked(seq: number, name = "초롱"): Message {
  return { ...notice(seq, "leave"), message: `${name} 님을 내보냈습니다.`, departed: { kicked: true } };
}

/** A notice that the post has changed. */
export function postNotice(seq: number, event: string, part: Partial<Schemas["PostData"]> = {}): Message {
  const post = {
    event,
    title: "치킨 같이 시켜요",
    category: "치킨" as const,
    target_number: 4,
    join_number: 2,
    is_compelete: false,
    closed_by_writer: false,
    writer_id: 2,
    ...part,
  };
  return line(seq, bob, { type: "chat.post", user: null, message: "글이 달라졌습니다.", post });
}

/** A notice of a kind that this app does not know. */
export function unknown(seq: number, message: string): Message {
  return line(seq, bob, { type: "chat.poll", user: null, message, poll: { question: "순살로 할까요?" } });
}

export function room(messages: Message[], part: Partial<Schemas["Room"]> = {}): Schemas["Room"] {
  return {
    messages,
    title: "치킨 같이 시켜요",
    target_number: 4,
    join_number: 2,
    writer: bob,
    last_seq: messages.at(-1)?.seq ?? 0,
    has_more: false,
    ...part,
  };
}

export const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => line(from + i));
