import type { Plugin } from "vite";

const icons = /\/lucide-react\/dist\/esm\//;

/**
 * Knows which modules the first load needs, so that they can come in few pieces:
 * src/app/main.tsx, all that it imports, and what those import. Of the icons, which
 * are all imported by one module, only those that are named.
 */
export function firstLoad(): Plugin & { has: (id: string) => boolean } {
  const needed = new Set<string>();
  return {
    name: "first-load",
    apply: "build",
    buildEnd() {
      needed.clear();
      const named = new Set<string>();
      const visit = (id: string) => {
        if (needed.has(id) || icons.test(id)) return;
        needed.add(id);
        const module = this.getModuleInfo(id);
        for (const [, names] of module?.code?.matchAll(/import\s*\{([^}]*)\}\s*from\s*["']lucide-react["']/g) ?? []) {
          for (const name of names?.split(",") ?? []) named.add(name.split(" as ")[0]?.trim() ?? "");
        }
        module?.importedIds.forEach(visit);
      };
      const all = [...this.getModuleIds()];
      all.filter((id) => id.endsWith("/src/app/main.tsx")).forEach(visit);
      const files = new Set([...named].map((name) => `/${name.replace(/(?<=[a-z])(?=[A-Z\d])/g, "-").toLowerCase()}.mjs`));
      for (const id of all) if (icons.test(id) && files.has(id.slice(id.lastIndexOf("/")))) needed.add(id);
    },
    has: (id) => needed.has(id),
  };
}
