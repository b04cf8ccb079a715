import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", ".state/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
  },
  // A lone effect is how Pulumi makes a resource: `new TraefikIngress(...)`.
  { files: ["**/*.ts"], rules: { "no-new": "off" } },
  // Keys and words are written plainly, however many lines the formatter makes of them.
  {
    files: ["**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "SpreadElement > :matches(ObjectExpression, ArrayExpression)",
          message: "write what is spread in place",
        },
      ],
    },
  },
  // What a command says goes through `say` and `tell` of terminal/steps.ts, which leave out the secrets that are known. Of the
  // workspace's provider Pulumi is who hears.
  {
    files: ["{commands,engine,machine,preflight,terminal}/**/*.ts"],
    ignores: ["commands/test.ts"],
    rules: { "no-console": "error" },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        Buffer: "readonly",
        setTimeout: "readonly",
        URL: "readonly",
        URLSearchParams: "readonly",
        fetch: "readonly",
      },
    },
  },
);
