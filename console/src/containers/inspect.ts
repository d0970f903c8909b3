// The inspect document of a container, as its engine describes it, in the parts that the tabs show.

import { useQuery } from "@tanstack/react-query";
import { call, client } from "@/api/client";
import type { Container } from "@/live/records";

/** Any JSON object. */
export type Json = Record<string, unknown>;

export function useInspect(container: Container) {
  const { container_id: id, host_id: host, state } = container;
  return useQuery({
    queryKey: ["inspect", host, id, state],
    enabled: Boolean(id && host),
    placeholderData: (before) => before,
    queryFn: async () => {
      const answer = await call(
        client.GET("/api/containers/{container_id}/host/{host_id}", { params: { path: { container_id: id, host_id: host } } }),
      );
      return answer.container as Json;
    },
  });
}

/** Return the object at a path; an empty one where there is none. */
export function at(document: Json | undefined, ...path: string[]): Json {
  let value: unknown = document;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return isObject(value) ? value : {};
}

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** Write a value as people read it. */
export function show(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(show).join("\n");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return isObject(value) ? Object.entries(value).map(([name, each]) => `${name}=${show(each)}`).join("\n") : String(value);
}

/** Return the members of an object by name, without those that are empty. */
export function entriesOf(object: Json): { name: string; value: string }[] {
  return Object.entries(object)
    .map(([name, value]) => ({ name, value: show(value) }))
    .filter((each) => each.value !== "")
    .sort((a, b) => a.name.localeCompare(b.name));
}

const SECRET_NAME = /pass(word|wd)?|secret|token|api_?key|private|credential|auth/i;

/** Whether the value of a variable should not be on a screen unasked. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);
