import { expect, test } from "vitest";
import type { Host } from "@/live/records";
import { reachableAddress } from "./port-link";

const port = { container_port: 80, protocol: "tcp", host_port: 32768, host_ip: "" };
const aHost = (addresses: string) => ({ info: { hostname: "h1", ip_addresses: addresses } }) as Host;

test.each([
  ["the binding's own address", { ...port, host_ip: "10.0.0.9" }, "eth0: 10.0.0.1", "10.0.0.9"],
  ["the public address of the host", port, "lo: 127.0.0.1, eth0: 10.0.0.1, public_ip: 192.0.2.1", "192.0.2.1"],
  ["a private one where there is no public one", { ...port, host_ip: "0.0.0.0" }, "lo: 127.0.0.1, eth0: 10.0.0.1", "10.0.0.1"],
  ["the name of the host where no address is known", port, "", "h1"],
  ["IPv6 in brackets", { ...port, host_ip: "2001:db8::1" }, "", "[2001:db8::1]"],
])("a port leads to %s", (_, binding, addresses, expected) => {
  expect(reachableAddress(binding, aHost(addresses))).toBe(expected);
});
