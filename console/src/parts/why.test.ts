import { expect, test } from "vitest";
import { groupByMessage } from "./why";

const reason = (host: string, message: string) => ({ host_id: host, code: "c", message });

test("hosts that refuse for the same reason stand together, the most frequent first", () => {
  const groups = groupByMessage([reason("a", "full"), reason("b", "port held"), reason("c", "port held")]);
  expect(groups.map(({ message, hosts }) => [message, hosts])).toEqual([["port held", ["b", "c"]], ["full", ["a"]]]);
});

test("a reason without a host is told all the same", () => {
  expect(groupByMessage([reason("", "the pool is empty")])).toMatchObject([{ hosts: [] }]);
});
