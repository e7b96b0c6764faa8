import type { Category } from "../../../api/category";
import type { Draft, Post } from "../../../api/posts";
import { lengthOf } from "../../../ui/Field";
import { form as words } from "../../../words/post";

/** What the form holds while it is filled in. */
export type Values = { category: Category | null; title: string; content: string; target_number: number };

export type FieldName = keyof Values;

export const limits = { title: 50, content: 5000, fewest: 2, most: 10 };

export const blank: Values = { category: null, title: "", content: "", target_number: 4 };

/** What is wrong with each field, in words. `seated`: how many people are in already. */
export function problems({ category, title, content, target_number }: Values, seated: number): Partial<Record<FieldName, string>> {
  const wrong: Partial<Record<FieldName, string>> = {};
  if (!category) wrong.category = words.wrong.category;

  const titleLength = lengthOf(title.trim());
  if (titleLength === 0) wrong.title = words.wrong.noTitle;
  else if (titleLength > limits.title) wrong.title = words.wrong.longTitle(limits.title);

  const contentLength = lengthOf(content.trim());
  if (contentLength === 0) wrong.content = words.wrong.noContent;
  else if (contentLength > limits.content) wrong.content = words.wrong.longContent(limits.content);

  if (target_number < seated) wrong.target_number = words.taken(seated);
  else if (target_number < limits.fewest || target_number > limits.most) wrong.target_number = words.wrong.seats(limits.fewest, limits.most);
  return wrong;
}

/** What is sent. Only for values without problems. */
export function toDraft({ category, title, content, target_number }: Values): Draft {
  return { category: category!, title: title.trim(), content: content.trim(), target_number };
}

/** What an edited draft changes about a post: only that is sent. */
export function changes(draft: Draft, post: Post): Partial<Draft> {
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => post[name as keyof Draft] !== value));
}
