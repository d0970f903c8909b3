// The container of a page: the one of the address, or the one that took its slot.

import { useEffect, useState } from "react";
import { useDerived, useRecord } from "@/live/hooks";
import type { Container } from "@/live/records";
import type { Store } from "@/live/store";
import { parseTime } from "@/state/words";

export interface PageContainer {
  /** The last that is known, also when it is gone. */
  container: Container | undefined;
  gone: boolean;
  /** Id of the one that runs in its slot now, when it was replaced. */
  successor: string | undefined;
}

export function usePageContainer(id: string): PageContainer {
  const known = useRecord("container", id);
  const record = useDerived(["container"], (store) => known ?? findByEngineId(store, id), [known, id]);
  const [last, setLast] = useState<{ id: string; record: Container }>();
  useEffect(() => {
    if (record) setLast({ id, record });
  }, [id, record]);
  const container = record ?? (last?.id === id ? last.record : undefined);
  const successor = useDerived(["container"], (store) => (container && !record ? findSuccessor(store, container) : undefined), [
    container,
    record,
  ]);
  return { container, gone: !record, successor };
}

/** Addresses may hold the engine's id of a container, as people copy it. */
function findByEngineId(store: Store, id: string): Container | undefined {
  if (id.length < 12 || !/^[0-9a-f]+$/.test(id)) return undefined;
  for (const each of store.all("container").values()) if (each.container_id.startsWith(id)) return each;
  return undefined;
}

/** Return the id of the newest container in the same slot. */
export function findSuccessor(store: Store, container: Container): string | undefined {
  const found = [...store.containersOf("deployment", container.deployment_id)].flatMap((id) => {
    const each = store.get("container", id);
    const same = each?.service_id === container.service_id && each.service_slot === container.service_slot;
    return same && each.container_id ? [{ id, started: parseTime(each.started_at) || 0 }] : [];
  });
  return found.sort((a, b) => b.started - a.started)[0]?.id;
}
