// Definitions as a list shows them: each with its images and the deployments that came from it.

import type { Definition, Deployment } from "@/live/records";
import type { Store } from "@/live/store";
import { type Filter, passes } from "@/state/filter";
import { compareNames } from "@/state/order";
import { type DefinitionKind, isShipped } from "./kinds";

export const FILTER_FIELDS = ["name", "image", "deployment"];

export const GROUPS = ["own", "shipped", "deployed"] as const;
export type DefinitionGroup = (typeof GROUPS)[number];

export const GROUP_LABEL: Record<DefinitionGroup, string> = { own: "Your own", shipped: "Shipped", deployed: "Deployed" };

export interface DefinitionRow {
  definition: Definition;
  images: string[];
  deployments: Deployment[];
  shipped: boolean;
}

const IMAGE = /^\s*(?:-\s+)?image:[ \t]*(?:"([^"]*)"|'([^']*)'|([^\s#]+))/gm;

/** Return the images that a text names, each once. */
export function imagesOf(text: string): string[] {
  const found = [...text.matchAll(IMAGE)].map(([, double, single, plain]) => double ?? single ?? plain ?? "");
  return [...new Set(found)];
}

/** Return the deployments that came from a definition, by name. */
export function deploymentsOf(store: Store, kind: DefinitionKind, id: string): Deployment[] {
  return [...store.all("deployment").values()]
    .filter(({ stack }) => stack.service_id === id && stack.subtype === kind)
    .sort((a, b) => compareNames(a.deployment_name, b.deployment_name));
}

export interface DefinitionQuery {
  filter: Filter;
  group: string;
  by: string;
  down: boolean;
}

export interface DefinitionList {
  ids: string[];
  rows: ReadonlyMap<string, DefinitionRow>;
  counts: Record<DefinitionGroup, number>;
  total: number;
}

export function listDefinitions(store: Store, kind: DefinitionKind, query: DefinitionQuery): DefinitionList {
  const all = store.all(kind);
  const rows = new Map<string, DefinitionRow>();
  const counts = { own: 0, shipped: 0, deployed: 0 };
  for (const [id, definition] of all) {
    const deployments = deploymentsOf(store, kind, id);
    const row = { definition, images: imagesOf(definition.content), deployments, shipped: isShipped(kind, id) };
    if (!passes(query.filter, searchable(row))) continue;
    rows.set(id, row);
    for (const group of GROUPS) if (isIn(group, row)) counts[group] += 1;
  }
  const compare = COMPARE[query.by] ?? byName;
  const sign = query.down ? -1 : 1;
  const shown = [...rows]
    .filter(([, row]) => !query.group || isIn(query.group, row))
    .sort(([, a], [, b]) => sign * compare(a, b) || byName(a, b));
  return { ids: shown.map(([id]) => id), rows, counts, total: all.size };
}

function isIn(group: string, row: DefinitionRow): boolean {
  if (group === "deployed") return row.deployments.length > 0;
  return row.shipped === (group === "shipped");
}

type Compare = (a: DefinitionRow, b: DefinitionRow) => number;

const byName: Compare = (a, b) => compareNames(a.definition.service_name, b.definition.service_name);

const COMPARE: Record<string, Compare> = {
  name: byName,
  images: (a, b) => compareNames(a.images.join(), b.images.join()),
  deployed: (a, b) => b.deployments.length - a.deployments.length,
  origin: (a, b) => Number(a.shipped) - Number(b.shipped),
};

function searchable({ definition, images, deployments }: DefinitionRow) {
  const fields: Record<string, string> = {
    name: definition.service_name,
    image: images.join(" "),
    deployment: deployments.map((each) => each.deployment_name).join(" "),
  };
  return {
    text: [definition.service_name, definition.service_id, definition.content].join("\n").toLowerCase(),
    field: (name: string) => fields[name]?.toLowerCase(),
  };
}
