// A list of events: severity, what happened, to what, when.

import type { EventRecord } from "@/live/records";
import { describeOrigin, isAudit } from "@/state/audit";
import { Ago } from "../ago";
import { CopyText } from "../copy-text";
import { Ref } from "../ref";
import { severityOf } from "@/state/severity";
import { Severity } from "../severity";
import css from "./event-list.module.css";

interface EventListProps {
  events: readonly EventRecord[];
  /** Tell what each event is about; a page of one object need not. */
  withActor?: boolean;
}

export function EventList({ events, withActor = true }: EventListProps) {
  return (
    <ol className={css.events}>
      {events.map((event) => (
        <li key={event.event_id} className={css.event}>
          <Severity name={severityOf(event.severity_description)} />
          <div className={css.body}>
            <p className={css.summary}>{event.summary}</p>
            {event.message && event.message !== event.summary && <p className={css.message}>{event.message}</p>}
            {isAudit(event) && <Origin details={event.details} />}
          </div>
          {withActor && (
            <span className={css.actor}>
              <Actor event={event} />
            </span>
          )}
          <span className={css.age}>
            <Ago at={event.first_seen} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Origin({ details }: { details: EventRecord["details"] }) {
  return (
    <p className={css.message}>
      {describeOrigin(details)} {details.request_id && <CopyText text={details.request_id} label="Copy request id" />}
    </p>
  );
}

function Actor({ event }: { event: EventRecord }) {
  const label = event.actor_label || event.actor_id;
  switch (event.actor_type) {
    case "deployment":
    case "host":
    case "pool":
    case "task":
      return (
        <Ref kind={event.actor_type} id={event.actor_id} className="mono">
          {label}
        </Ref>
      );
    default:
      return <span className="muted">{label}</span>;
  }
}
