/** The last part of an address, the one that neighbours say: "역삼동". */
export function areaOf(address: string): string {
  return address.trim().split(/\s+/).at(-1) ?? "";
}

/** What stands before it: "서울특별시 강남구". */
export function cityOf(address: string): string {
  return address.trim().split(/\s+/).slice(0, -1).join(" ");
}
