import { lengthOf } from "../../ui/Field";
import { account } from "../../words/account";

// The rules of the server that can be told before asking it. Each gives what is wrong, or undefined.

const { wrong } = account;

export function checkEmail(email: string): string | undefined {
  const text = email.trim();
  if (!text) return wrong.email;
  return /^[^\s@]+@[^\s@]+$/.test(text) ? undefined : wrong.emailShape;
}

export function checkUsername(username: string): string | undefined {
  const length = lengthOf(username.trim());
  return length < 2 || length > 30 ? wrong.username : undefined;
}

export function checkAddress(address: string): string | undefined {
  const length = lengthOf(address.trim());
  return length < 2 || length > 100 ? wrong.address : undefined;
}

/** What others may know of the owner of a password. */
export type Whose = { email?: string; username?: string };

/** A password to be. It is taken as it was typed and counted in code points. */
export function checkPassword(password: string, who: Whose = {}): string | undefined {
  const letters = Array.from(password);
  if (!password) return wrong.passwordMissing;
  if (letters.length < 8 || letters.length > 128 || new TextEncoder().encode(password).length > 512) return wrong.passwordLength;
  if (/^\p{Nd}+$/u.test(password)) return wrong.passwordDigits;
  if (new Set(letters).size === 1) return wrong.passwordSame;
  const email = who.email?.trim().toLowerCase();
  const yours = [email, email?.split("@")[0], who.username?.trim().toLowerCase()];
  return yours.includes(password.toLowerCase()) ? wrong.passwordYours : undefined;
}
