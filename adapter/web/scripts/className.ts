import { basename } from "node:path";

const owners = new Map<string, string>();

/** How a class is called in the released app: no two files of styles have the same name. */
export function className(name: string, file: string): string {
  const owner = basename(file, ".module.css");
  const known = owners.get(owner) ?? file;
  if (known !== file) throw new Error(`${file} and ${known} have the same name`);
  owners.set(owner, file);
  return `${owner}-${name}`;
}
