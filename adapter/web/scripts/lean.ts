import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/**
 * Leaves out of the released app what two packages bring along and this app
 * does not use. A version of theirs that looks different fails the build, so
 * that this is looked at again.
 */
export function lean(): Plugin {
  const icon = fileURLToPath(new URL("../src/ui/icon.ts", import.meta.url));
  let links = 0;
  return {
    name: "lean",
    apply: "build",
    enforce: "pre",
    buildStart() {
      links = 0;
    },
    // An icon is one <svg>; lucide's own way there is longer than all the icons.
    resolveId(source, importer) {
      return source.endsWith("/createLucideIcon.mjs") && importer?.includes("/lucide-react/dist/esm/icons/") ? icon : null;
    },
    // The router names its components and so keeps those that are never shown; and its links can prefetch for a framework.
    transform(code, id) {
      if (!id.includes("/react-router/")) return null;
      const lean = code
        .replace(/^(?:Form|ScrollRestoration|HistoryRouter)\.displayName = "\w+";$/gm, "")
        .replace(/^var (Form|Link|NavLink) = (?=React\d+\.forwardRef\()/gm, "var $1 = /* @__PURE__ */ ")
        .replace(/shouldPrefetch && !isAbsolute \? .+ : link;/, () => {
          links += 1;
          return "link;";
        });
      return { code: lean, map: null };
    },
    buildEnd(error) {
      if (!error && links !== 1) throw new Error("react-router has changed: see scripts/lean.ts");
    },
  };
}
