// What can be asked of a definition.

import { act } from "@/api/act";
import { client } from "@/api/client";
import type { Definition } from "@/live/records";
import type { DefinitionKind } from "./kinds";

/** Store a new definition and return it; throws the refusal. */
export async function createDefinition(kind: DefinitionKind, name: string, content: string): Promise<Definition> {
  const body = { service_name: name, content };
  const subject = { kind, id: name, name: name || `new ${kind}` };
  if (kind === "service") {
    return (await act(subject, "Saving", (headers) => client.POST("/api/v2/services/", { headers, body }))).service;
  }
  return (await act(subject, "Saving", (headers) => client.POST("/api/v2/stacks/", { headers, body }))).stack;
}

/** Save a definition's text and return what is stored; throws the refusal. */
export async function saveDefinition(kind: DefinitionKind, { service_id: id, service_name: name }: Definition, content: string): Promise<Definition> {
  const params = { path: { service_id: id } };
  const body = { content };
  const subject = { kind, id, name };
  if (kind === "service") {
    return (await act(subject, "Saving", (headers) => client.PUT("/api/v2/services/{service_id}", { params, headers, body }))).service;
  }
  return (await act(subject, "Saving", (headers) => client.PUT("/api/v2/stacks/{service_id}", { params, headers, body }))).stack;
}

/** Remove a definition; deployments keep their copies. Throws the refusal. */
export async function removeDefinition(kind: DefinitionKind, { service_id: id, service_name: name }: Definition): Promise<unknown> {
  const params = { path: { service_id: id } };
  return act<unknown>({ kind, id, name }, "Removing", (headers) =>
    kind === "service"
      ? client.DELETE("/api/v2/services/{service_id}", { params, headers })
      : client.DELETE("/api/v2/stacks/{service_id}", { params, headers }),
  );
}
