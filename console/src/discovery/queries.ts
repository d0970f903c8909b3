// The catalog and the keys: read once, and again when the watch tells of a change.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { write } from "@/api/act";
import { call, client, type Schemas } from "@/api/client";
import { link } from "@/live/page-link";
import { throttled } from "@/live/throttle";

export type Entry = Schemas["EntryAnswer"];
export type KeyPair = Schemas["KeyPair"];

/** Reads again at most this often, however much changes. */
const AGAIN_MS = 1000;

/** Follow changes of a kind, and read everything under a query again after them. */
function useFresh(kinds: string, name: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    const again = throttled(() => void queries.invalidateQueries({ queryKey: [name] }), AGAIN_MS);
    const stop = link.follow(`/api/v2/watch?kinds=${kinds}`, {
      onData: (message, event) => {
        if (event === "resync" || (message as { kind?: string } | null)?.kind) again.run();
      },
      onReopen: again.run,
    });
    return () => {
      stop();
      again.stop();
    };
  }, [kinds, name, queries]);
}

/** Return every service of the catalog with its tags. Automatic entries come from keys. */
export function useCatalog() {
  useFresh("catalog,key", "catalog");
  return useQuery({ queryKey: ["catalog", "services"], queryFn: () => call(client.GET("/api/catalog/services")) });
}

export function useEntries(service: string) {
  return useQuery({
    queryKey: ["catalog", "service", service],
    enabled: service !== "",
    queryFn: () => call(client.GET("/api/catalog/service/{service_name}", { params: { path: { service_name: service } } })),
  });
}

export function useKeyNames() {
  useFresh("key", "keys");
  return useQuery({
    queryKey: ["keys", "names"],
    queryFn: async () => (await call(client.GET("/api/kv/{key}", { params: { path: { key: "" }, query: { keys: true } } }))) as string[],
  });
}

/** Return a key with its value; null when there is none. */
export function useKey(name: string) {
  return useQuery({ queryKey: ["keys", "pair", name], enabled: name !== "", queryFn: () => readKey(name) });
}

export async function readKey(name: string): Promise<KeyPair | null> {
  const pairs = (await call(client.GET("/api/kv/{key}", { params: { path: { key: name } } }))) as KeyPair[];
  return pairs[0] ?? null;
}

/** Write a key unless it changed since this index (0: unless there is one); false when it did. */
export async function writeKey(name: string, value: Uint8Array<ArrayBuffer>, since: number): Promise<boolean> {
  const answer = await write(() =>
    client.PUT("/api/kv/{key}", {
      params: { path: { key: name }, query: { cas: since } },
      headers: { "Content-Type": "application/octet-stream" },
      body: value as never,
      bodySerializer: (body: unknown) => body as BodyInit,
      parseAs: "text",
    }),
  );
  return String(answer).trim() === "true";
}

export const removeKey = (name: string, below: boolean) =>
  write(() => client.DELETE("/api/kv/{key}", { params: { path: { key: name }, query: below ? { recurse: true } : {} } }));

export const registerEntry = (entry: Entry) => write(() => client.PUT("/api/catalog/register", { body: entry }));

export const deregisterEntry = (id: string) => write(() => client.PUT("/api/catalog/deregister", { body: { ID: id } }));
