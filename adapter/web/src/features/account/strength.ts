import { account } from "../../words/account";
import { checkPassword, type Whose } from "./check";

const { advice } = account;

/** 0: the server would refuse it, 3: strong. */
export type Strength = { level: 0 | 1 | 2 | 3; /** The one thing that would help most, or what is wrong. */ hint: string };

/** Rows of keys, in which fingers run along. */
const rows = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "가나다라마바사아자차카타파하"];

/** Words that everybody thinks of. */
const usual = /pass(word)?|qwer(ty)?|admin|login|welcome|iloveyou|test|mealbuddy|비밀번호|사랑해|밀버디/giu;

/**
 * A calm estimate, by how many letters nobody could foresee: what follows from the
 * letter before, what everybody thinks of and what others know of a person count
 * little. It advises; what may be used is for checkPassword to say.
 */
export function strengthOf(password: string, who: Whose = {}): Strength {
  const wrong = checkPassword(password, who);
  if (wrong) return { level: 0, hint: wrong };

  const lower = password.toLowerCase();
  const known = [who.username, who.email?.split("@")[0]].map((word) => word?.trim().toLowerCase() ?? "").filter((word) => word.length > 1);
  const personal = known.find((word) => lower.includes(word));
  const rest = personal ? lower.replaceAll(personal, "·") : lower;
  const plain = rest.replace(usual, "·");
  const letters = Array.from(plain);
  const run = letters.filter((letter, i) => i > 0 && follows(letters[i - 1]!, letter)).length;
  const kinds = [/\p{Ll}|\p{Lo}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u].filter((kind) => kind.test(password)).length;
  // A syllable is three keys, and there are more of them.
  const syllables = letters.filter((letter) => /[가-힣]/u.test(letter)).length;
  const worth = letters.length - run * 0.8 + syllables * 0.5 + kinds - 1;

  const level = worth >= 14 ? 3 : worth >= 10 ? 2 : 1;
  if (level === 3) return { level, hint: advice.good };
  if (personal) return { level, hint: advice.personal };
  if (plain !== rest) return { level, hint: advice.usual };
  if (run > letters.length / 3) return { level, hint: advice.run };
  return { level, hint: letters.length >= 12 ? advice.kinds : advice.longer };
}

/** Whether a letter is what one expects after another: the same, or the next one in a row. */
function follows(before: string, letter: string): boolean {
  return before === letter || rows.some((row) => Math.abs(row.indexOf(before) - row.indexOf(letter)) === 1 && row.includes(before) && row.includes(letter));
}
