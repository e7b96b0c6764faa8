import type { Schemas } from "../../api/client";

type Post = Schemas["Post"];
type PostDetail = Schemas["PostDetail"];

export const bea: Schemas["Person"] = { id: 2, username: "베아", email: "be**@example.com" };

/** A post of bea in ann's neighbourhood, as the board shows it. */
export function post(part: Partial<Post> = {}): Post {
  return {
    id: 1,
    title: "치킨 같이 시켜요",
    created_at: new Date(Date.now() - 5 * 60_000).toISOString(),
    category: "치킨",
    address: "서울특별시 강남구 역삼동",
    content: "저녁 7시에 시켜요.\n순살로 할게요.",
    is_compelete: false,
    closed_by_writer: false,
    room_deleted: false,
    target_number: 4,
    join_number: 2,
    chat_id: 1,
    writer: bea,
    ...part,
  };
}

export function postDetail(part: Partial<PostDetail> = {}): PostDetail {
  return { ...post(), is_joined: false, is_banned: false, is_hidden: false, shared_path: "/s/AX7Qm0n1h3o0y7uVxg", ...part };
}

export function paginator(part: Partial<Schemas["PostPage"]["paginator"]> = {}): Schemas["PostPage"]["paginator"] {
  return { page_range: [1], current_page: 1, prev_button: null, next_button: null, ...part };
}

export function room(part: Partial<Schemas["Room"]> = {}): Schemas["Room"] {
  return { messages: [], title: "치킨 같이 시켜요", target_number: 4, join_number: 3, writer: bea, last_seq: 1, has_more: false, ...part };
}
