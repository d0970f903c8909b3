// Which parts of an inspect document each tab shows.

import type { Container } from "@/live/records";
import { at, entriesOf, isObject, type Json, show } from "./inspect";

export type FactsTab = "network" | "paths" | "environment" | "volumes" | "dns" | "host-config" | "details";

interface Fact {
  name: string;
  value: string;
}

export interface Section {
  title: string;
  facts: Fact[];
  /** What stands there when it is empty. */
  none: string;
}

interface Facts {
  /** The part of the document that is shown as JSON. */
  part: unknown;
  sections: Section[];
}

const section = (title: string, facts: Fact[], none = "None"): Section => ({ title, facts, none });

/** Return members under other names, without those that are empty. */
function pick(object: Json, names: Record<string, string>): Fact[] {
  return Object.entries(names)
    .map(([member, name]) => ({ name, value: show(object[member]) }))
    .filter((fact) => fact.value !== "");
}

export const SECTIONS: Record<FactsTab, (document: Json, container: Container) => Facts> = {
  network: (document) => {
    const settings = at(document, "NetworkSettings");
    const networks = at(settings, "Networks");
    return {
      part: settings,
      sections: [
        section("Ports", portsOf(at(settings, "Ports")), "No port is exposed"),
        ...Object.entries(networks).map(([name, network]) => section(`Network ${name}`, pick(isObject(network) ? network : {}, NETWORK))),
        section("Sandbox", pick(settings, { Bridge: "Bridge", SandboxID: "Sandbox", SandboxKey: "Sandbox path" })),
      ],
    };
  },
  paths: (document) => {
    const paths = {
      Path: "Program", Args: "Arguments", ResolvConfPath: "resolv.conf", HostnamePath: "hostname", HostsPath: "hosts", LogPath: "Log",
      ProcessLabel: "Process label", MountLabel: "Mount label",
    };
    const config = pick(at(document, "Config"), { WorkingDir: "Working directory", Entrypoint: "Entrypoint" });
    const root = pick(at(document, "GraphDriver", "Data"), { MergedDir: "Root file system", UpperDir: "Written files" });
    return { part: document.Path, sections: [section("Paths", [...pick(document, paths), ...config, ...root])] };
  },
  environment: (document) => {
    const variables = at(document, "Config").Env;
    const facts = (Array.isArray(variables) ? variables.map(String) : []).map((line) => {
      const equals = line.indexOf("=");
      return equals < 0 ? { name: line, value: "" } : { name: line.slice(0, equals), value: line.slice(equals + 1) };
    });
    facts.sort((a, b) => a.name.localeCompare(b.name));
    return { part: variables ?? [], sections: [section("", facts, "No variable is set")] };
  },
  volumes: (document) => {
    const mounts = Array.isArray(document.Mounts) ? document.Mounts.filter(isObject) : [];
    return {
      part: mounts,
      sections: mounts.length
        ? mounts.map((mount) => section(show(mount.Destination), pick(mount, MOUNT)))
        : [section("", [], "Nothing is mounted")],
    };
  },
  dns: (document) => {
    const host = at(document, "HostConfig");
    const facts = pick(host, { Dns: "Servers", DnsSearch: "Search domains", DnsOptions: "Options", ExtraHosts: "Extra hosts" });
    const names = pick(at(document, "Config"), { Hostname: "Host name", Domainname: "Domain" });
    return { part: { Dns: host.Dns, DnsSearch: host.DnsSearch, DnsOptions: host.DnsOptions }, sections: [section("", [...names, ...facts])] };
  },
  "host-config": (document) => {
    const host = at(document, "HostConfig");
    return { part: host, sections: [section("", entriesOf(host))] };
  },
  details: (document) => {
    const rest = Object.fromEntries(Object.entries(document).filter(([name]) => !ELSEWHERE.has(name)));
    return {
      part: document,
      sections: [section("State", entriesOf(at(document, "State"))), section("Config", entriesOf(at(document, "Config"))), section("Container", entriesOf(rest))],
    };
  },
};

/** Members that have a section or a tab of their own. */
const ELSEWHERE = new Set(["HostConfig", "NetworkSettings", "Mounts", "State", "Config"]);

const NETWORK = {
  IPAddress: "IP address", IPPrefixLen: "Prefix length", Gateway: "Gateway", GlobalIPv6Address: "IPv6 address", MacAddress: "MAC address",
  Aliases: "Aliases", NetworkID: "Network id",
};

const MOUNT = { Type: "Kind", Name: "Volume", Source: "On the host", Driver: "Driver", Mode: "Mode", RW: "Writable", Propagation: "Propagation" };

function portsOf(ports: Json): Fact[] {
  return Object.entries(ports).map(([name, bindings]) => ({
    name,
    value: Array.isArray(bindings)
      ? bindings.filter(isObject).map((each) => `${show(each.HostIp) || "0.0.0.0"}:${show(each.HostPort)}`).join("\n")
      : "not published",
  }));
}
