import type { Who } from "./person";

export const yeoksam = "서울특별시 강남구 역삼동";
export const seocho = "서울특별시 서초구 서초동";

/** Somebody who is nowhere known yet. */
export function somebody(username: string, part: Partial<Who> = {}): Who {
  return { username, email: `${username}@example.com`, password: `bap-meokja-${username.length}`, address: yeoksam, ...part };
}

/** Whom `mealbuddy demo` tells one to sign in as. */
export const demo: Who = { username: "test", email: "test@test.com", password: "password123", address: "제주특별자치도 제주시 용담이동" };

export const demoNeighbours: Who[] = [
  { ...demo, username: "야식단장", email: "yaksik@example.com" },
  { ...demo, username: "서연", email: "seoyeon@example.com" },
];
