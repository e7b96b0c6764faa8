// After `vite build`: writes the service worker with the names of what it keeps,
// and a .gz and a .br beside every text file, so that the server compresses
// nothing at run time. A file that does not shrink is left alone.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const worker = fileURLToPath(new URL("../src/sw.js", import.meta.url));

async function files() {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

// What index.html names is kept from the start; the rest when it was first used.
const page = await readFile(join(dist, "index.html"), "utf8");
const shell = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
const names = (await files()).map((path) => relative(dist, path)).filter((path) => path.startsWith("assets"));
const version = createHash("sha256").update(page).update(names.sort().join("\n")).digest("hex").slice(0, 12);
const source = await readFile(worker, "utf8");
await writeFile(join(dist, "sw.js"), source.replace("__VERSION__", version).replace("__FILES__", JSON.stringify(shell)));

let count = 0;
for (const path of await files()) {
  if (!/\.(js|css|html|svg|json|webmanifest|txt|yaml)$/.test(path)) continue;
  const plain = await readFile(path);
  const gz = gzipSync(plain, { level: 9 });
  const br = brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
  if (gz.length < plain.length) await writeFile(`${path}.gz`, gz);
  if (br.length < plain.length) await writeFile(`${path}.br`, br);
  count += 1;
}
console.log(`compressed ${count} files; the service worker is ${version}`);
