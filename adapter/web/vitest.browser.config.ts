import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const tests = fileURLToPath(new URL("../../test/browser/", import.meta.url));
const packages = fileURLToPath(new URL("node_modules/", import.meta.url));

// The app in a real browser, against the built program: `npm run browser`.
export default defineConfig({
  root: tests,
  // The tests lie beside the other tests of the program; their packages are those of the app.
  resolve: { alias: [{ find: /^(playwright-core|axe-core)$/, replacement: `${packages}$1` }] },
  server: { fs: { allow: [tests, fileURLToPath(new URL(".", import.meta.url))] } },
  test: {
    include: ["*.test.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine is slow, not wrong.
    expect: { poll: { timeout: 10_000 } },
    // Each file has a server and a browser of its own.
    maxWorkers: 2,
    // Where nobody watches, a machine that was busy for a moment gets a second try; the report names what needed it.
    retry: process.env["CI"] ? 1 : 0,
    reporters: ["verbose"],
  },
});
