// Why a slot has no host: the refusal of every host of its pool, grouped by reason, each with what can be done.

import type { Schemas } from "@/api/client";
import { fixOfReason } from "@/state/reason-fixes";
import { plural } from "@/state/words";
import { Glyph } from "./glyph";
import { Ref } from "./ref";
import css from "./why.module.css";

export type Reason = Schemas["UnplacedReason"];

interface WhyProps {
  title: string;
  reasons: readonly Reason[];
  /** Name of a host by its id. */
  nameOf: (hostId: string) => string;
}

export function Why({ title, reasons, nameOf }: WhyProps) {
  const groups = groupByMessage(reasons);
  return (
    <section className={css.why}>
      <h3 className={css.title}>{title}</h3>
      {groups.length === 0 && <p className="muted">The pool has no hosts.</p>}
      {groups.map((group) => (
        <details key={group.message} className={css.group} open={groups.length === 1 || group.hosts.length <= 3}>
          <summary>
            <Glyph condition={group.code === "inactive" || group.code === "host_inactive" ? "unknown" : "waits"} />
            <span>{group.message}</span>
            <span className={css.count}>{group.hosts[0] ? plural(group.hosts.length, "host") : ""}</span>
          </summary>
          {fixOfReason(group.code) && <p className={css.fix}>{fixOfReason(group.code)}</p>}
          <ul className={css.hosts}>
            {group.hosts.map((id) => (
              <li key={id}>
                <Ref kind="host" id={id} className="mono">
                  {nameOf(id)}
                </Ref>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

interface Group {
  code: string;
  message: string;
  hosts: string[];
}

/** Group refusals that say the same, the most frequent first. */
export function groupByMessage(reasons: readonly Reason[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { code, message, host_id: host } of reasons) {
    const group = groups.get(message) ?? { code, message, hosts: [] };
    if (host) group.hosts.push(host);
    groups.set(message, group);
  }
  return [...groups.values()].sort((a, b) => b.hosts.length - a.hosts.length);
}
