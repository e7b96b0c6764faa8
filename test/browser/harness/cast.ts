import { TestRunner } from "vitest";
import type { Who } from "./person";

export const yeoksam = "서울특별시 강남구 역삼동";
export const seocho = "서울특별시 서초구 서초동";

/** Somebody who is nowhere known yet: a test that is tried again meets new people, since the names of the first try are taken. */
export function somebody(name: string, part: Partial<Who> = {}): Who {
  const again = TestRunner.getCurrentTest()?.result?.retryCount ?? 0;
  const username = again ? `${name}${again}` : name;
  return { username, email: `${username}@example.com`, password: `bap-meokja-${username.length}`, address: yeoksam, ...part };
}

/** Whom `mealbuddy demo` tells one to sign in as. */
export const demo: Who = { username: "test", email: "test@test.com", password: "password123", address: "제주특별자치도 제주시 용담이동" };

export const demoNeighbours: Who[] = [
  { ...demo, username: "야식단장", email: "yaksik@example.com" },
  { ...demo, username: "서연", email: "seoyeon@example.com" },
];
