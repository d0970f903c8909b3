// Activity: what is wrong, what happened, what runs?

import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { act } from "@/api/act";
import { client } from "@/api/client";
import { useDerived, useLoaded } from "@/live/hooks";
import type { EventRecord, Task } from "@/live/records";
import { FilterChip } from "@/parts/chip";
import { Empty, NoMatch } from "@/parts/empty";
import { EventList } from "@/parts/events/event-list";
import { useEvents } from "@/parts/events/use-events";
import { FilterBar } from "@/parts/filter-bar";
import { MatterList } from "@/parts/matter-list";
import { Page, Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { usePageSearch } from "@/parts/search";
import { Severity } from "@/parts/severity";
import { Skeleton } from "@/parts/skeleton";
import { Tabs } from "@/parts/tabs";
import { isOpen, stampOf, TaskBar } from "@/parts/task-bar";
import { AUDIT_KEYS, isAudit } from "@/state/audit";
import { groupMatters } from "@/state/matters";
import { SEVERITIES, severityOf } from "@/state/severity";

const TABS = [
  { label: "Needs attention", to: "/activity/matters" },
  { label: "Events", to: "/activity/events" },
  { label: "Tasks", to: "/activity/tasks" },
];

export function ActivityPage() {
  const { tab = "matters" } = useParams({ strict: false }) as { tab?: string };
  return (
    <Page title="Activity" name="Activity">
      <Tabs label="Kinds of activity" tabs={TABS} current={tab} />
      {tab === "events" && <Events />}
      {tab === "tasks" && <Tasks />}
      {tab === "matters" && <Matters />}
    </Page>
  );
}

function Matters() {
  const loaded = useLoaded("status");
  const matters = useDerived(["status"], (store) => groupMatters(store.all("status").values()), []);
  if (!loaded) return <Panel><Skeleton /></Panel>;
  return (
    <Panel>
      {matters.length === 0 && <Empty title="Everything is in order">Warnings and errors appear here, grouped by their cause, until they are over.</Empty>}
      <MatterList matters={matters} />
    </Panel>
  );
}

const everything = () => true;
const NONE: readonly EventRecord[] = [];

/** Asks for the events that tell who did what; the manager keeps them apart from all others. */
const WHO_DID_WHAT = `kind=${AUDIT_KEYS.join()}`;

function Events() {
  const [search, change] = usePageSearch({ q: "", hide: "debug,cleared", who: false });
  const { events, problem, retry } = useEvents(search.who ? WHO_DID_WHAT : "", search.who ? isAudit : everything);
  const read = events ?? NONE;
  const hidden = useMemo(() => search.hide.split(",").filter(Boolean), [search.hide]);
  const words = search.q.toLowerCase();
  const shown = read.filter((event) => !hidden.includes(severityOf(event.severity_description)) && textOf(event).includes(words));
  return (
    <Panel>
      <FilterBar value={search.q} placeholder="Filter events" onChange={(q) => change({ q })}>
        <FilterChip label="Who did what" count={read.filter(isAudit).length} pressed={search.who} onPress={() => change({ who: !search.who })} />
        <SeverityChips events={read} hidden={hidden} onChange={(hide) => change({ hide })} />
      </FilterBar>
      {problem && <ProblemBox problem={problem} onRetry={retry} />}
      {!events && !problem && <Skeleton />}
      {events && <Shown events={events} shown={shown} onClear={() => change({ q: "", hide: "", who: false })} />}
    </Panel>
  );
}

function Shown({ events, shown, onClear }: { events: readonly EventRecord[]; shown: readonly EventRecord[]; onClear: () => void }) {
  if (events.length === 0) return <Empty title="No events yet" />;
  if (shown.length === 0) return <NoMatch sentence="No event matches" onClear={onClear} />;
  return <EventList events={shown} />;
}

interface SeverityChipsProps {
  events: readonly EventRecord[];
  hidden: readonly string[];
  onChange: (hide: string) => void;
}

function SeverityChips({ events, hidden, onChange }: SeverityChipsProps) {
  const counts = useMemo(() => countSeverities(events), [events]);
  const toggle = (name: string) => onChange((hidden.includes(name) ? hidden.filter((each) => each !== name) : [...hidden, name]).join());
  return SEVERITIES.map((name) => (
    <FilterChip
      key={name}
      icon={<Severity name={name} />}
      label={`${name.slice(0, 1).toUpperCase()}${name.slice(1)}`}
      count={counts.get(name) ?? 0}
      pressed={!hidden.includes(name)}
      onPress={() => toggle(name)}
    />
  ));
}

/** Everything of an event that the filter looks at. */
const textOf = ({ summary, message, actor_label, details }: EventRecord) =>
  [summary, message, actor_label, details.address, details.credential].filter(Boolean).join(" ").toLowerCase();

function countSeverities(events: readonly EventRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) {
    const name = severityOf(event.severity_description);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function Tasks() {
  const loaded = useLoaded("task");
  const tasks = useDerived(["task"], (store) => [...store.all("task").values()].sort(newestFirst), []);
  if (!loaded) return <Panel><Skeleton /></Panel>;
  return (
    <Panel>
      {tasks.length === 0 && <Empty title="No tasks">What is asked for and takes its time appears here.</Empty>}
      {tasks.map((task) => <TaskBar key={task.ID} task={task} onCancel={() => void cancel(task)} />)}
    </Panel>
  );
}

const newestFirst = (a: Task, b: Task) => Number(isOpen(b)) - Number(isOpen(a)) || stampOf(b.CreatedAt) - stampOf(a.CreatedAt);

async function cancel(task: Task): Promise<void> {
  const path = { task_id: task.ID, action: "cancel" };
  await act({ kind: "task", id: task.ID, name: task.Name }, "Cancelling", (headers) =>
    client.POST("/api/v2/tasks/{task_id}/{action}", { params: { path }, headers }),
  ).catch(() => undefined);
}
