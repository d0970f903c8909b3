// Deployments as a list shows them: each with its slots, its word, and what it says.

import type { Container, Deployment, WaitingSlot } from "@/live/records";
import { slotsOf, waitingSlots } from "@/live/slots";
import type { Store } from "@/live/store";
import { type Condition, conditionOf } from "@/state/condition";
import { DEPLOYMENT_WORDS, type DeploymentWord, deploymentWord } from "@/state/deployment-word";
import { type Filter, passes } from "@/state/filter";
import { compareNames } from "@/state/order";
import { parseTime } from "@/state/words";

export const FILTER_FIELDS = ["name", "pool", "state", "kind", "age"];

export interface DeploymentRow {
  deployment: Deployment;
  word: DeploymentWord;
  /** In the order of services and slots. */
  conditions: Condition[];
  filled: number;
  total: number;
  message: string;
}

export function describeDeployment(store: Store, id: string, deployment: Deployment, waiting?: WaitingSlot[]): DeploymentRow {
  const slots = slotsOf(store, id, waiting);
  const conditions = slots.map(conditionOf);
  const filled = conditions.filter((each) => each === "well" || each === "runs" || each === "done").length;
  return {
    deployment,
    word: deploymentWord(deployment, slots),
    conditions,
    filled,
    total: Math.max(deployment.containers_total ?? 0, conditions.length),
    message: messageOf(slots),
  };
}

/** Return what the worst slot says. */
function messageOf(slots: readonly Container[]): string {
  const telling = slots.filter((slot) => slot.message && ["ill", "fails", "waits"].includes(conditionOf(slot)));
  return telling[0]?.message ?? "";
}

export interface DeploymentQuery {
  filter: Filter;
  words: readonly string[];
  pool: string;
  by: string;
  down: boolean;
}

export interface DeploymentList {
  ids: string[];
  rows: ReadonlyMap<string, DeploymentRow>;
  counts: Record<DeploymentWord, number>;
  total: number;
}

export function listDeployments(store: Store, query: DeploymentQuery, now: number): DeploymentList {
  const all = store.all("deployment");
  const waiting = waitingSlots(store);
  const rows = new Map<string, DeploymentRow>();
  for (const [id, deployment] of all) {
    if (query.pool && deployment.placement.pool_id !== query.pool) continue;
    const row = describeDeployment(store, id, deployment, waiting.get(id) ?? []);
    if (passes(query.filter, searchable(row, now))) rows.set(id, row);
  }
  const counts = Object.fromEntries(DEPLOYMENT_WORDS.map((word) => [word, 0])) as Record<DeploymentWord, number>;
  for (const row of rows.values()) counts[row.word] += 1;
  const shown = [...rows].filter(([, row]) => query.words.length === 0 || query.words.includes(row.word));
  const compare = COMPARE[query.by] ?? byName;
  const sign = query.down ? -1 : 1;
  shown.sort(([, a], [, b]) => sign * compare(a, b) || byName(a, b));
  return { ids: shown.map(([id]) => id), rows, counts, total: all.size };
}

type Compare = (a: DeploymentRow, b: DeploymentRow) => number;

const byName: Compare = (a, b) => compareNames(a.deployment.deployment_name, b.deployment.deployment_name);

const COMPARE: Record<string, Compare> = {
  state: (a, b) => DEPLOYMENT_WORDS.indexOf(a.word) - DEPLOYMENT_WORDS.indexOf(b.word),
  name: byName,
  kind: (a, b) => compareNames(a.deployment.stack.subtype, b.deployment.stack.subtype),
  pool: (a, b) => compareNames(a.deployment.placement.pool_id, b.deployment.placement.pool_id),
  slots: (a, b) => a.filled / (a.total || 1) - b.filled / (b.total || 1),
  generation: (a, b) => a.deployment.generation - b.deployment.generation,
  changed: (a, b) => parseTime(b.deployment.desired_state_changed_at) - parseTime(a.deployment.desired_state_changed_at),
};

function searchable({ deployment, word, message }: DeploymentRow, now: number) {
  const fields: Record<string, string> = {
    name: deployment.deployment_name,
    pool: deployment.placement.pool_id,
    state: word,
    kind: deployment.stack.subtype,
  };
  return {
    text: [deployment.deployment_name, deployment.deployment_id, message].join("\n").toLowerCase(),
    field: (name: string) =>
      name === "age" ? (now - parseTime(deployment.created_on)) / 1000 : fields[name]?.toLowerCase(),
  };
}
