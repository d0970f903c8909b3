// A published port as a link to the address under which it can be reached.

import { useRecord } from "@/live/hooks";
import type { Host, Port } from "@/live/records";
import { CopyText } from "./copy-text";

interface PortLinkProps {
  port: Port;
  hostId: string;
}

export function PortLink({ port, hostId }: PortLinkProps) {
  const host = useRecord("host", hostId);
  if (!port.host_port) return <span className="muted">not published</span>;
  const address = `${reachableAddress(port, host)}:${port.host_port}`;
  return (
    <>
      {port.protocol === "tcp" ? (
        <a className="mono" href={`http://${address}`} target="_blank" rel="noopener noreferrer">
          {address}
        </a>
      ) : (
        <code>{address}</code>
      )}{" "}
      <CopyText text={address} label="Copy address" />
    </>
  );
}

/** Return the binding's own address if it names one, else the host's public one, else any of its addresses. */
export function reachableAddress(port: Port, host: Host | undefined): string {
  if (port.host_ip && port.host_ip !== "0.0.0.0" && port.host_ip !== "::") return bracketed(port.host_ip);
  const told = new Map((host?.info.ip_addresses ?? "").split(", ").map((pair) => pair.split(": ") as [string, string]));
  told.delete("lo");
  const address = told.get("public_ip") ?? [...told.values()][0];
  return bracketed(address ?? host?.info.hostname ?? "localhost");
}

const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);
