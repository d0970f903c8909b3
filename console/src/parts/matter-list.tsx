// What needs attention, grouped by cause; each opens to the objects that it is about.

import type { Fault, Matter } from "@/state/matters";
import { formatCount } from "@/state/words";
import { Ago } from "./ago";
import css from "./matter-list.module.css";
import { Ref, type RefKind } from "./ref";
import { Severity } from "./severity";

const SHOWN = 50;

export function MatterList({ matters }: { matters: readonly Matter[] }) {
  return (
    <ul>
      {matters.map((matter) => (
        <li key={matter.key} className={css.matter}>
          <details>
            <summary className={css.head}>
              <Severity name={matter.severity} size={14} />
              <span className={css.body}>
                <span className={css.summary}>{matter.summary}</span>
                {matter.message !== matter.summary && <span className={css.message}>{matter.message}</span>}
              </span>
              {matter.statuses.length > 1 && <span className={css.count}>{formatCount(matter.statuses.length)} alike</span>}
            </summary>
            <ul className={css.objects}>
              {matter.statuses.slice(0, SHOWN).map((fault) => (
                <li key={fault.fingerprint}>
                  <Actor fault={fault} /> <span className="muted">{fault.message}</span>{" "}
                  <span className="muted"><Ago at={fault.last_seen} /></span>
                </li>
              ))}
            </ul>
          </details>
        </li>
      ))}
    </ul>
  );
}

const KINDS: ReadonlySet<string> = new Set(["deployment", "host", "pool", "task"]);

function Actor({ fault }: { fault: Fault }) {
  const label = fault.actor_label || fault.actor_id;
  if (!KINDS.has(fault.actor_type)) return <code>{label}</code>;
  return <Ref kind={fault.actor_type as RefKind} id={fault.actor_id} className="mono">{label}</Ref>;
}
