import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

/** Where the script stands in index.html. */
const mark = "<!-- early -->";

/**
 * Puts src/app/early.ts into the released page as one small script that imports
 * nothing and so need not wait for anything. While the app is worked on it does
 * without.
 */
export function early(): Plugin {
  const input = fileURLToPath(new URL("../src/app/early.ts", import.meta.url));
  let file = { name: "", code: "" };
  return {
    name: "early",
    apply: (_, { command, isSsrBuild }) => command === "build" && !isSsrBuild,
    async buildStart() {
      this.addWatchFile(input);
      const result = await build({
        configFile: false,
        logLevel: "warn",
        build: { write: false, rolldownOptions: { input, output: { format: "iife" } } },
      });
      const [chunk] = "output" in result ? result.output : [];
      if (!chunk) throw new Error("early.ts came to nothing");
      file = { code: chunk.code, name: `assets/early-${createHash("sha256").update(chunk.code).digest("base64url").slice(0, 8)}.js` };
    },
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace(mark, `<script src="/${file.name}"></script>`),
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: file.name, source: file.code });
    },
  };
}
