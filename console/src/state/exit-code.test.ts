import { expect, test } from "vitest";
import { explainExit } from "./exit-code";

test("exit codes that people meet are explained", () => {
  expect([0, 137, 139, 1].map(explainExit)).toEqual([
    "ended well", "killed: out of memory, or by force", "ended by signal 11", "ended with an error",
  ]);
});
