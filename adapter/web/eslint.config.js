import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

const features = ["account", "party", "talk", "menu"];

export default defineConfig(
  globalIgnores(["dist", "node_modules", "src/api/schema.d.ts", "src/sw.js", "scripts/*.mjs"]),
  {
    files: ["src/**/*.{ts,tsx}", "scripts/*.ts", "vite.config.ts"],
    extends: [ts.configs.recommendedTypeChecked, hooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      // One module knows how being signed in is kept: api/session.ts, with kept.ts.
      "no-restricted-globals": ["error", "localStorage"],
    },
  },
  { files: ["src/api/kept.ts", "src/app/ground.ts", "src/features/talk/kept.ts", "src/features/menu/kept.ts", "src/**/*.test.{ts,tsx}", "src/test/*"], rules: { "no-restricted-globals": "off" } },
  // Features do not import each other, nor the app that composes them.
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: [...features.filter((f) => f !== feature).map((f) => `**/${f}/*`), "**/app/pages/*"] }] },
      ],
    },
  })),
);
