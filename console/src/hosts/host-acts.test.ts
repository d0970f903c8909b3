import { expect, test } from "vitest";
import type { Host } from "@/live/records";
import { hostWord } from "@/state/host-word";
import { reasonAgainst } from "./host-acts";

const aHost = (members: Partial<Host>, active = true) =>
  ({ duty: "active", held: false, revoked: false, engine_reachable: true, state: "active", info: { is_active: active }, ...members }) as Host;

test("the access of a host can be revoked once, in contact or not", () => {
  expect([reasonAgainst("revoke", aHost({})), reasonAgainst("revoke", aHost({}, false))]).toEqual([undefined, undefined]);
  expect(reasonAgainst("revoke", aHost({ revoked: true }, false))).toBe("Its access was revoked");
});

test("a host in contact is not removed before its access is revoked", () => {
  expect(reasonAgainst("remove", aHost({}))).toBe("Stop its agent or revoke its access first");
  expect(reasonAgainst("remove", aHost({ revoked: true }))).toBeUndefined();
});

test("a revoked host says so before anything else", () => {
  expect(hostWord(aHost({ revoked: true, held: true, engine_reachable: false }, false))).toBe("revoked");
});
