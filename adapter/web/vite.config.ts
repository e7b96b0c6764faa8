import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `mealbuddy` runs during development.
const server = process.env["MEALBUDDY_SERVER"] ?? "http://localhost:8080";

const proxy = { "/api": server, "/ws": { target: server, ws: true } };

export default defineConfig(({ command }) => ({
  resolve: {
    // Every condition in react-router's package.json leads to its development build; only the file itself leads to the other one.
    alias: command === "build" ? [{ find: /^react-router$/, replacement: fileURLToPath(new URL("node_modules/react-router/dist/production/index.mjs", import.meta.url)) }] : [],
  },
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  build: {
    // The content policy allows no data: fonts and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // For scripts/finish.mjs, which removes it.
    manifest: "manifest.json",
    rolldownOptions: {
      input: ["index.html", "docs/index.html"],
      output: {
        codeSplitting: {
          groups: [
            // The first load in two pieces: libraries, which seldom change, and our own code.
            { name: "vendor", tags: ["$initial"], test: /\/node_modules\/(?!swagger-ui)/, priority: 2 },
            { name: "app", tags: ["$initial"], test: /\/src\/(?!docs)/, priority: 1 },
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
