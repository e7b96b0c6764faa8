// After `vite build`: writes landing.html and board.html, which are the page with
// a first screen already in it; the service worker with the names of what it keeps; and a .gz
// and a .br beside every text file, so that the server compresses nothing at run
// time. A file that does not shrink is left alone.
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const worker = fileURLToPath(new URL("../src/sw.js", import.meta.url));

async function files() {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const page = await readFile(join(dist, "index.html"), "utf8");

/** The first screens, as React would write them. */
async function screens() {
  const folder = await mkdtemp(fileURLToPath(new URL("../node_modules/.landing-", import.meta.url)));
  try {
    await build({
      logLevel: "warn",
      ssr: { noExternal: true },
      build: {
        ssr: "src/app/prerender.tsx",
        outDir: folder,
        manifest: false,
        copyPublicDir: false,
        rolldownOptions: { input: "src/app/prerender.tsx", output: { codeSplitting: false, entryFileNames: "prerender.mjs" } },
      },
    });
    // What the modules of the app look at when they are loaded. Not every Node has a navigator, and none lets it be assigned.
    const browser = { location: new URL("http://localhost/"), navigator: { onLine: true }, addEventListener() {} };
    for (const [name, value] of Object.entries(browser)) Object.defineProperty(globalThis, name, { value });
    const { landing, board } = await import(pathToFileURL(join(folder, "prerender.mjs")));
    return { landing: await landing(), board: await board() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

// They need their styles and no script at first: app/early.ts asks for those later.
const manifest = JSON.parse(await readFile(join(dist, "manifest.json"), "utf8"));
await rm(join(dist, "manifest.json"));
const script = /\n *<(?:script type="module"|link rel="modulepreload") crossorigin (?:src|href)="([^"]+)">(?:<\/script>)?/g;
const scripts = [...page.matchAll(script)].map(([, path]) => path);
async function write(name, root, screen, { file, css = [] } = {}, rest = "") {
  if (!screen.includes("<h1")) throw new Error(`${name} came to nothing: ${screen}`);
  const styles = css.map((name) => `  <link rel="stylesheet" crossorigin href="/${name}">\n  `);
  const first = page
    .replace(script, "")
    .replace(/(?=><\/script>)/, ` data-app="${[...scripts, ...(file ? [`/${file}`] : [])].join(" ")}"`)
    .replace("</head>", `${styles.join("")}</head>`)
    .replace('<div id="root"></div>', () => `<div ${root}>${screen}</div>${rest}`);
  await writeFile(join(dist, name), first);
}
const { landing, board } = await screens();
await write("landing.html", 'id="root"', landing, manifest["src/app/pages/Landing.tsx"]);
await write("board.html", 'id="root" hidden', board.frame, {}, `\n    <template>${board.posts}</template>`);

// What index.html names is kept from the start; the rest when it was first used.
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
