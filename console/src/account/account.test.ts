import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { browserName } from "./browser-name";
import type { Settings } from "./queries";
import { compareSettings, SETTING_FACTS } from "./setting-facts";

const kept = Object.fromEntries(SETTING_FACTS.map((each) => [each.name, each.fallback])) as unknown as Settings;

test("browsers are named by what they are and where they run", () => {
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox on Linux");
  expect(browserName("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0")).toBe("Edge on Windows");
  expect(browserName("curl/8.1")).toBe("curl");
  expect(browserName("")).toBe("Unknown client");
});

test("only settings whose value differs are saved", () => {
  const { changes, wrong } = compareSettings(kept, { host_ttl_s: "6", resync_s: " 45 ", network_pool: "10.0.0.0/16" });
  expect(changes.map((each) => [each.fact.name, each.after])).toEqual([["resync_s", 45], ["network_pool", "10.0.0.0/16"]]);
  expect(wrong).toEqual([]);
});

test("a text that is no number is wrong, not a change", () => {
  expect(compareSettings(kept, { resync_s: "soon", host_ttl_s: "" })).toEqual({ changes: [], wrong: ["host_ttl_s", "resync_s"] });
});

test("every setting of the manager has its place on the page", () => {
  const source = readFileSync(join(import.meta.dirname, "../../../src/berth/domain/settings.py"), "utf8");
  const [, members = ""] = /^class Settings\b[^\n]*\n(.*?)\n\n\n/ms.exec(source) ?? [];
  const names = [...members.matchAll(/^ {4}([a-z_]+): /gm)].map(([, name]) => name);
  expect(SETTING_FACTS.map((each) => each.name).sort()).toEqual(names.sort());
});
