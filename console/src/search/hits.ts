// Results of a search: grouped by kind, and texts cut around what was searched.

import type { Schemas } from "@/api/client";

export type Result = Schemas["SearchResult"];

/** Kinds that can be searched, in the order of the page. */
export const KIND_LABEL: Record<string, string> = {
  deployment: "Deployments", container: "Containers", service: "Services", stack: "Stacks", image: "Images", host: "Hosts",
  pool: "Pools", registry: "Registries", tag: "Tags", task: "Tasks", key: "Keys",
};

export interface HitGroup {
  kind: string;
  label: string;
  results: Result[];
}

/** Return the kinds that have results, in their order; unknown ones come last. */
export function groupHits(results: readonly Result[]): HitGroup[] {
  const kinds = [...new Set([...Object.keys(KIND_LABEL), ...results.map((each) => each.kind)])];
  const groups = kinds.map((kind) => ({ kind, label: KIND_LABEL[kind] ?? kind, results: results.filter((each) => each.kind === kind) }));
  return groups.filter((each) => each.results.length > 0);
}

export interface Part {
  text: string;
  hit: boolean;
}

/** Cut a text at every place that has the query, in any case. */
export function markHits(text: string, query: string): Part[] {
  const lower = text.toLowerCase();
  const needle = query.toLowerCase();
  if (!needle || lower.length !== text.length) return [{ text, hit: false }];
  const parts: Part[] = [];
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), hit: false });
    from = at + needle.length;
    parts.push({ text: text.slice(at, from), hit: true });
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false });
  return parts;
}
