// What hosts have on their disks, by the names of the images.

import { useQuery } from "@tanstack/react-query";
import { call, client } from "@/api/client";
import { useDerived } from "@/live/hooks";
import type { Store } from "@/live/store";
import { groupImages, type UsedBy } from "./image-rows";

const FIELDS = "host_id,hostname,image.Id,image.RepoTags,image.Created,image.Size";

/** Return the images by name; read again when a host tells of a change. */
export function useImages() {
  const told = useDerived(["images"], (store) => store.version("images"), [], 0.5);
  return useQuery({
    queryKey: ["images", told],
    placeholderData: (before) => before,
    queryFn: async () => groupImages(await call(client.GET("/api/images/", { params: { query: { fields: FIELDS } } }))),
  });
}

let counted = -1;
let used: UsedBy = new Map();

/** Return how many containers each host has of each image, keyed by host and image id. */
export function countUse(store: Store): UsedBy {
  const version = store.version("container");
  if (version === counted) return used;
  const counts = new Map<string, number>();
  for (const { host_id, image_id } of store.all("container").values()) {
    const key = `${host_id}/${image_id}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  counted = version;
  used = counts;
  return used;
}

export const useUsage = (): UsedBy => useDerived(["container"], countUse, [], 1);
