import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { className } from "./scripts/className";
import { early } from "./scripts/early";
import { firstLoad } from "./scripts/firstLoad";
import { lean } from "./scripts/lean";

// Where `mealbuddy` runs while the app is worked on.
const server = process.env["MEALBUDDY_SERVER"] ?? "http://localhost:8080";

const first = firstLoad();

export default defineConfig(({ command }) => ({
  resolve: {
    // The package leads to its development build everywhere; the released app takes the other one.
    alias: command === "build" ? [{ find: /^react-router$/, replacement: fileURLToPath(new URL("node_modules/react-router/dist/production/index.mjs", import.meta.url)) }] : [],
  },
  plugins: [react(), lean(), early(), first],
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
  preview: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
  // Names that can be read, and that compress well.
  css: command === "build" ? { modules: { generateScopedName: className } } : {},
  build: {
    // The content policy allows no data: fonts and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // For scripts/finish.mjs, which takes it away.
    manifest: "manifest.json",
    rolldownOptions: {
      // Classes that extend one of React's may be left out.
      treeshake: { propertyReadSideEffects: false },
      input: ["index.html", "docs/index.html"],
      output: {
        codeSplitting: {
          groups: [
            // What every page needs: what changes seldom, and what changes with every release.
            { name: "vendor", test: /node_modules\/(react|react-dom|scheduler|react-router|@tanstack)\//, priority: 2 },
            { name: "app", test: (id) => first.has(id), priority: 1 },
            // What several of the other pages draw comes in one piece: the first load names every piece.
            { name: "icons", test: /\/lucide-react\/dist\/esm\/icons\//, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 20_000,
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
}));
