import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

//: What every page may import. A page never imports the folder of another noun: links go by `Ref`.
const COMMON = ["api", "live", "parts", "state", "styles"];

//: Folders of nouns: each has its pages, parts, queries and tests.
const NOUNS = [
  "account", "activity", "backup", "containers", "dashboard", "definitions", "deploy", "deployments",
  "discovery", "hosts", "images", "pools", "registries", "search", "tags", "topology",
];

/** Returns a rule that refuses imports of these folders, with the reason. */
function refuse(folders, message) {
  const group = folders.flatMap((folder) => [`@/${folder}/**`, `**/../${folder}/**`]);
  return { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] };
}

const nouns = NOUNS.map((noun) => ({
  files: [`src/${noun}/**`],
  rules: refuse(
    [...NOUNS.filter((other) => other !== noun), "shell", "stories"],
    `A page imports only ${COMMON.join(", ")} and its own folder.`,
  ),
}));

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  ...tseslint.configs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "max-lines": ["error", { max: 250 }],
      complexity: ["error", { max: 10, variant: "modified" }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/stories/**"],
    rules: { "max-lines-per-function": ["error", { max: 120 }] },
  },
  { files: ["scripts/**"], rules: { "no-console": "off" } },
  { files: ["src/parts/**"], rules: refuse([...NOUNS, "shell", "stories"], "A part knows no page.") },
  {
    files: ["src/live/**", "src/state/**", "src/api/**"],
    rules: refuse([...NOUNS, "shell", "stories", "parts"], "What lies below the pages knows none of them."),
  },
  {
    files: ["src/state/**"],
    rules: refuse([...NOUNS, "shell", "stories", "parts"], "State is pure: records to conditions, words, counts."),
  },
  { files: ["src/shell/**"], rules: refuse(NOUNS, "The shell knows pages by their routes alone.") },
  ...nouns,
);
