// What is read at the start, and again after a resync: every list that the watch then keeps true.

import { readJson } from "@/api/client";
import type { Kind, Records } from "./records";
import type { Store } from "./store";

const CONTAINER_FIELDS = [
  "deployment_id", "deployment_name", "service_id", "service_slot", "container_name", "container_id",
  "container_hostname", "host_id", "hostname", "host_group", "subtype", "phase_id", "state", "started_at", "message",
  "checks_total", "checks_passed", "id", "health", "attempt", "failures", "code", "retry_at", "exit_code", "ports", "image",
  "image_id", "image_digest", "command", "created_at", "up_to_date", "wanted",
].join(",");

const DEPLOYMENT_FIELDS = [
  "deployment_id", "deployment_name", "placement", "created_by", "created_on", "quantities", "desired_state",
  "desired_state_changed_at", "generation", "creation_info_generation", "current_state", "pending_state",
  "stack.service_id", "stack.service_name", "stack.subtype",
  "task_id", "rollout", "paused",
].join(",");

interface List<K extends Kind = Kind> {
  kind: K;
  path: string;
  /** Member of the answer that holds the list; "" where the answer is the list. */
  envelope: string;
  idOf: (record: Records[K]) => string;
}

const list = <K extends Kind>(kind: K, path: string, envelope: string, idOf: (record: Records[K]) => string): List =>
  ({ kind, path, envelope, idOf }) as unknown as List;

export const LISTS: readonly List[] = [
  list("pool", "/api/v2/pools/?fields=id,name,description,total_hosts,active_hosts,tags,resources", "pools", (it) => it.id),
  list("host", "/api/hosts/", "", (it) => it.host_id),
  list("deployment", `/api/v2/deployments/?fields=${DEPLOYMENT_FIELDS}`, "deployments", (it) => it.deployment_id),
  list("container", `/api/v2/containers/?fields=${CONTAINER_FIELDS}`, "containers", (it) => it.id),
  list("slot", "/api/v2/slots/", "slots", (it) => it.id),
  list("status", "/api/v2/status/?limit=250", "statuses", (it) => it.fingerprint),
  list("task", "/api/v2/tasks/", "tasks", (it) => it.ID),
  list("service", "/api/v2/services/", "services", (it) => it.service_id),
  list("stack", "/api/v2/stacks/", "stacks", (it) => it.service_id),
  list("registry", "/api/v2/registries/", "registries", (it) => it.registry_id),
  list("tag", "/api/tags/", "", (it) => it),
];

/** Kinds that every page watches; others are followed by the pages that show them. */
export const WATCHED: readonly Kind[] = [...LISTS.map((each) => each.kind), "settings", "images", "generation", "webhook"];

/** Read all lists in parallel and make them what the store holds; throws the first refusal. */
export async function readLists(store: Store, signal: AbortSignal): Promise<void> {
  const numbers = readJson<Summaries>("/api/v2/deployments_summary/", signal);
  await Promise.all([
    numbers,
    ...LISTS.map(async (each) => {
      const records = recordsOf(each, await readJson<unknown>(each.path, signal));
      const complete = each.kind === "deployment" ? withNumbers(records as Deployments, await numbers) : records;
      store.replace(each.kind, complete as never);
    }),
  ]);
}

interface Summaries {
  deployments_summary: readonly (Partial<Records["deployment"]> & { deployment_id: string })[];
}
type Deployments = ReadonlyMap<string, Records["deployment"]>;

/** Return deployments with their numbers, which the watch tells with them and the list does not. */
function withNumbers(deployments: Deployments, { deployments_summary }: Summaries): Deployments {
  const numbers = new Map(deployments_summary.map((each) => [each.deployment_id, each]));
  return new Map([...deployments].map(([id, each]) => [id, { ...numbers.get(id), ...each }]));
}

function recordsOf(each: List, body: unknown): ReadonlyMap<string, unknown> {
  const records = each.envelope ? (body as Record<string, unknown>)[each.envelope] : body;
  if (!Array.isArray(records)) return new Map();
  return new Map(records.map((record) => [each.idOf(record as never), record]));
}
