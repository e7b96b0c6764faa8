// Writes src/app/letters.woff2: Pretendard with the letters that Korean text has, in one
// file. Its own 92 pieces cost more bytes for one board, and a phone lays a page out anew
// as they arrive: 0.3 s of work on the screen that a person begins to scroll.
//   node scripts/font.mjs           writes it
//   node scripts/font.mjs --check   fails if it isn't what would be written
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";

const from = fileURLToPath(new URL("../node_modules/pretendard/dist/web/variable/woff2/PretendardVariable.woff2", import.meta.url));
const to = fileURLToPath(new URL("../src/app/letters.woff2", import.meta.url));

/** The 2,350 syllables of KS X 1001. A letter outside comes from the device's own font. */
function syllables() {
  const bytes = [];
  for (let row = 0xb0; row <= 0xc8; row++) for (let cell = 0xa1; cell <= 0xfe; cell++) bytes.push(row, cell);
  return new TextDecoder("euc-kr").decode(Uint8Array.from(bytes));
}

const range = (first, last) => String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
const ascii = range(0x20, 0x7e);
const jamo = range(0x3131, 0x3163);
/** Of words of today that KS X 1001 has no syllable for: 똠얌꿍, 햏, 펲. */
const newer = "똠얌햏펲뷁";
const signs = "·…‘’“”–—←↑→↓×÷±°₩㎏㎖℃「」『』〈〉《》【】、。•※★☆♥♡";

const font = await subsetFont(await readFile(from), syllables() + newer + jamo + ascii + signs, {
  targetFormat: "woff2",
  variationAxes: { wght: { min: 400, max: 800 } }, // what ui/tokens.css and the logo use
});

if (process.argv.includes("--check")) {
  const kept = await readFile(to).catch(() => Buffer.alloc(0));
  if (!kept.equals(font)) {
    console.error("src/app/letters.woff2 is not what scripts/font.mjs writes: npm run font");
    process.exit(1);
  }
} else {
  await writeFile(to, font);
}
