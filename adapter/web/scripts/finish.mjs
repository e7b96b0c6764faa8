// After `vite build`:
// - builds src/app/early.ts and src/app/start.ts and names them in every page of the app;
// - writes landing.html and board.html: the page with its first screen prerendered;
// - writes screens.json, the paths of all screens;
// - writes the service worker with the names of the files that it keeps;
// - writes a .gz and a .br beside every text file that shrinks, so that the server
//   compresses nothing at run time.
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const source = (path) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const hash = (text) => createHash("sha256").update(text).digest("base64url").slice(0, 8);

async function files() {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Bundles a module as a classic script that imports nothing, so that it need not wait for the app. */
async function classic(input) {
  const { output } = await build({
    configFile: false,
    logLevel: "warn",
    // Only what it names of the app's modules: no component, no React, no styles.
    build: { write: false, rolldownOptions: { input, treeshake: { moduleSideEffects: [input] }, output: { format: "iife" } } },
  });
  return output.find(({ type }) => type === "chunk").code;
}

/** The first screens, rendered by React, and the paths of all screens. */
async function screens() {
  const folder = await mkdtemp(fileURLToPath(new URL("../node_modules/.prerender-", import.meta.url)));
  try {
    await build({
      logLevel: "warn",
      ssr: { noExternal: true },
      build: {
        ssr: source("app/prerender.tsx"),
        outDir: folder,
        manifest: false,
        copyPublicDir: false,
        rolldownOptions: { input: source("app/prerender.tsx"), output: { codeSplitting: false, entryFileNames: "prerender.mjs" } },
      },
    });
    // What the app's modules look at when they load. Not every Node has a navigator, and none lets it be assigned.
    const browser = { location: new URL("http://localhost/"), navigator: { onLine: true }, addEventListener() {} };
    for (const [name, value] of Object.entries(browser)) Object.defineProperty(globalThis, name, { value });
    const { landing, board, paths } = await import(pathToFileURL(join(folder, "prerender.mjs")));
    return { landing: await landing(), board: await board(), paths };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const manifest = JSON.parse(await readFile(join(dist, "manifest.json"), "utf8"));
await rm(join(dist, "manifest.json"));

const early = await classic(source("app/early.ts"));
const earlyName = `assets/early-${hash(early)}.js`;
await writeFile(join(dist, earlyName), early);
await writeFile(join(dist, "start.js"), await classic(source("app/start.ts")));
const page = (await readFile(join(dist, "index.html"), "utf8")).replace("<!-- early -->", `<script src="/${earlyName}"></script>\n    <script async src="/start.js" fetchpriority="low"></script>`);
await writeFile(join(dist, "index.html"), page);

const { landing, board, paths } = await screens();
await writeFile(join(dist, "screens.json"), JSON.stringify(paths));
for (const screen of [landing, board]) if (!screen.includes("<h1")) throw new Error(`a screen came out empty: ${screen}`);
const withScreen = (page, root, screen) => page.replace('<div id="root"></div>', () => `<div ${root}>${screen}</div>`);

// Both screens are painted before the app's scripts run: early.ts starts those in data-app.
const script = /\n *<(?:script type="module"|link rel="modulepreload") crossorigin (?:src|href)="([^"]+)">(?:<\/script>)?/g;
const scripts = [...page.matchAll(script)].map(([, path]) => path);
const afterPaint = (page, paths) => page.replace(/(?=><\/script>)/, ` data-app="${paths.join(" ")}"`);

// Who sees the frame needs the app for the rest, so its scripts are fetched meanwhile. Links of
// the frame work by themselves; its buttons wait for the app, which replaces all of it.
const preloaded = page.replace(script, '\n    <link rel="modulepreload" crossorigin fetchpriority="low" href="$1">');
await writeFile(join(dist, "board.html"), withScreen(afterPaint(preloaded, scripts), 'id="root" hidden', board.replaceAll("<button ", "<button inert ")));

const own = manifest["src/app/pages/Landing.tsx"];
const styles = own.css.map((name) => `  <link rel="stylesheet" crossorigin href="/${name}">\n  `).join("");
await writeFile(join(dist, "landing.html"), withScreen(afterPaint(page.replace(script, ""), [...scripts, `/${own.file}`]).replace("</head>", `${styles}</head>`), 'id="root"', landing));

// The service worker keeps what index.html names from the start, and the rest once it was used.
const shell = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
const names = (await files()).map((path) => relative(dist, path)).filter((path) => path.startsWith("assets"));
const version = hash(page + names.sort().join("\n"));
const worker = await readFile(source("sw.js"), "utf8");
await writeFile(join(dist, "sw.js"), worker.replace("__VERSION__", version).replace("__FILES__", JSON.stringify(shell)));

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
