import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

/** A feature imports from no other feature and not from the app that composes it. */
const featuresStandAlone = {
  meta: { type: "problem", messages: { stranger: "A feature imports only itself, ui, words and api, not {{to}}." }, schema: [] },
  create(context) {
    const [, src, feature] = /^(.*\/src)\/features\/([^/]+)\//.exec(context.filename) ?? [];
    if (!feature) return {};
    const check = ({ source }) => {
      if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
      const to = new URL(source.value, `file://${context.filename}`).pathname.slice(src.length + 1);
      if (to.startsWith("app/") || (to.startsWith("features/") && !to.startsWith(`features/${feature}/`))) {
        context.report({ node: source, messageId: "stranger", data: { to } });
      }
    };
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

export default defineConfig(
  globalIgnores(["dist", "node_modules", "src/api/schema.d.ts", "src/sw.js", "scripts/*.mjs"]),
  {
    files: ["src/**/*.{ts,tsx}", "vite.config.ts"],
    extends: [ts.configs.recommendedTypeChecked, hooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { mealbuddy: { rules: { "features-stand-alone": featuresStandAlone } } },
    rules: {
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "mealbuddy/features-stand-alone": "error",
      // What is kept in the browser is kept by api/storage.ts.
      "no-restricted-globals": ["error", "localStorage", "sessionStorage"],
    },
  },
  { files: ["src/api/storage.ts", "src/**/*.test.{ts,tsx}", "src/test/*"], rules: { "no-restricted-globals": "off" } },
);
