// The two kinds of definitions: a service runs one image, a stack several.

export type DefinitionKind = "service" | "stack";

export const asKind = (text: string | undefined): DefinitionKind => (text === "stack" ? "stack" : "service");

/** Ids of the definitions that a fresh instance holds, as `kind/id`; put in at build time. */
declare const SHIPPED_DEFINITIONS: readonly string[] | undefined;

const shipped: ReadonlySet<string> = new Set(typeof SHIPPED_DEFINITIONS === "undefined" ? [] : SHIPPED_DEFINITIONS);

/** Whether a definition is one of the library that comes with Berth. */
export const isShipped = (kind: string, id: string): boolean => shipped.has(`${kind}/${id}`.toLowerCase());

/** Return the address of a definition's editor; without an id that of a new one. */
export function editorOf(kind: DefinitionKind, id: string, tab = "yaml"): string {
  return id ? `/definitions/${kind}/${encodeURIComponent(id)}/${tab}` : `/definitions/new/${kind}/${tab}`;
}
