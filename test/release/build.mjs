// Builds the program as if it were the release after the one in adapter/web/dist: the
// same app with other file names, which carries the files of the one before, too.
//
//   node test/release/build.mjs OUTPUT
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../../", import.meta.url));
const web = join(root, "adapter/web");
const dist = join(web, "dist");
const output = process.argv[2];
if (!output) throw new Error("usage: node build.mjs OUTPUT");

const entries = await readdir(dist, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(dist, join(entry.parentPath, entry.name)));
const packed = /\.(br|gz)$/;
const assets = files.filter((file) => dirname(file) === "assets" && !packed.test(file)).map((file) => basename(file));

/** The name in the next release: "app-1a2b3c4d.js" becomes "app-next-1a2b3c4d.js". */
const next = (name) => name.replace(/-(?=[^-]*$)/, "-next-");
const renamed = new Map(assets.filter((name) => name.includes("-")).map((name) => [name, next(name)]));
const names = new RegExp([...renamed.keys()].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");

const work = await mkdtemp(join(tmpdir(), "mealbuddy-release-"));
try {
  const replace = {};
  const add = async (path, content) => {
    const copy = join(work, String(Object.keys(replace).length));
    await writeFile(copy, content);
    replace[join(dist, path)] = copy;
  };
  for (const file of files.filter((file) => !packed.test(file))) {
    const inAssets = dirname(file) === "assets";
    const to = inAssets ? join("assets", renamed.get(basename(file)) ?? basename(file)) : file;
    const plain = await readFile(join(dist, file));
    const text = /\.(js|css|html|webmanifest)$/.test(file);
    const content = text ? Buffer.from(plain.toString("utf8").replace(names, (name) => renamed.get(name))) : plain;
    await add(to, content);
    for (const [suffix, compress] of [[".br", brotliCompressSync], [".gz", gzipSync]]) {
      if (files.includes(file + suffix)) await add(to + suffix, compress(content, suffix === ".br" ? { params: { 1: 4 } } : { level: 4 }));
    }
    if (inAssets && renamed.has(basename(file))) {
      for (const suffix of ["", ".br", ".gz"]) {
        if (!files.includes(file + suffix)) continue;
        replace[join(dist, file + suffix)] = ""; // gone
        replace[join(web, "previous", file + suffix)] = join(dist, file + suffix);
      }
    }
  }
  const overlay = join(work, "overlay.json");
  await writeFile(overlay, JSON.stringify({ Replace: replace }));
  execFileSync("go", ["build", "-overlay", overlay, "-o", output, "./cmd/mealbuddy"], { cwd: root, stdio: "inherit", env: process.env });
} finally {
  await rm(work, { recursive: true });
}
