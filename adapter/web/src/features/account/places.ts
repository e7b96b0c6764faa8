/**
 * Names the place where the device is, as an address. Null as long as the server
 * has no way to do that; the button for it is then not there.
 */
export const locate: (() => Promise<string>) | null = null;

/** The 17 provinces and cities, and what people call them. */
export const sidos: readonly [name: string, ...aliases: string[]][] = [
  ["서울특별시", "서울시"],
  ["부산광역시", "부산시"],
  ["대구광역시", "대구시"],
  ["인천광역시", "인천시"],
  ["광주광역시", "광주시"],
  ["대전광역시", "대전시"],
  ["울산광역시", "울산시"],
  ["세종특별자치시", "세종시"],
  ["경기도"],
  ["강원특별자치도", "강원도"],
  ["충청북도", "충북"],
  ["충청남도", "충남"],
  ["전북특별자치도", "전라북도", "전북"],
  ["전라남도", "전남"],
  ["경상북도", "경북"],
  ["경상남도", "경남"],
  ["제주특별자치도", "제주도"],
];

/** Full names for what was begun to type; nothing once the first word is done. */
export function suggestSido(typed: string): string[] {
  const word = typed.trimStart();
  if (!word || /\s/.test(word)) return [];
  return sidos.filter(([name, ...aliases]) => name !== word && [name, ...aliases].some((n) => n.startsWith(word))).map(([name]) => name);
}
