// What the manager finds in texts: definitions, images, labels.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, client } from "@/api/client";
import { addressOf, type RefKind } from "@/parts/ref";
import type { Hit } from "./palette-hits";

const WAIT_MS = 120;
const KINDS: Record<string, RefKind> = { deployment: "deployment", container: "container", host: "host", pool: "pool", task: "task" };

/** Return a value once it has not changed for a while. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function useFoundTexts(text: string): Hit[] {
  const query = useSettled(text.trim(), WAIT_MS);
  const { data } = useQuery({
    queryKey: ["search", query],
    enabled: query.length > 2 && !query.startsWith(">"),
    placeholderData: keepPreviousData,
    queryFn: () => call(client.POST("/api/search/", { body: { query, limit: 20 } as never })),
  });
  if (!query || !data) return [];
  return data.results.flatMap((result) => {
    const kind = KINDS[result.kind];
    return kind ? [{ kind: "Text", name: result.name || result.id, note: result.kind, to: addressOf(kind, result.id) }] : [];
  });
}
