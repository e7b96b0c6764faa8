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
  let script = { name: "", code: "" };
  return {
    name: "early",
    apply: (_, { command, isSsrBuild }) => command === "build" && !isSsrBuild,
    async buildStart() {
      const result = await build({
        configFile: false,
        logLevel: "warn",
        // Of the modules of the app, what it names: no component, no React, no styles.
        build: { write: false, cssCodeSplit: false, rolldownOptions: { input, treeshake: { moduleSideEffects: [input] }, output: { format: "iife" } } },
      });
      const chunk = "output" in result && result.output.find(({ type }) => type === "chunk");
      if (!chunk || !("code" in chunk)) throw new Error("early.ts came to nothing");
      Object.keys(chunk.modules).forEach((id) => this.addWatchFile(id));
      script = { code: chunk.code, name: `assets/early-${createHash("sha256").update(chunk.code).digest("base64url").slice(0, 8)}.js` };
    },
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace(mark, `<script src="/${script.name}"></script>`),
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: script.name, source: script.code });
    },
  };
}
