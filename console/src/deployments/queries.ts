// What is read of a deployment beside the live records: its text, generations, webhook.

import { useQuery } from "@tanstack/react-query";
import { call, client } from "@/api/client";
import { useDerived } from "@/live/hooks";

const pathOf = (id: string) => ({ params: { path: { deployment_id: id } } });

/** Return the deployment's own copy of its definition; read again with each generation. */
export function useText(id: string, generation: number) {
  return useQuery({
    queryKey: ["deployment-text", id, generation],
    placeholderData: (before) => before,
    queryFn: async () => (await call(client.GET("/api/v2/deployments/{deployment_id}", pathOf(id)))).deployment.stack,
  });
}

/** Return the generations, newest first; read again when the watch tells of one. */
export function useGenerations(id: string) {
  const told = useDerived(["generation"], (store) => store.version("generation"), []);
  return useQuery({
    queryKey: ["generations", id, told],
    placeholderData: (before) => before,
    queryFn: async () => (await call(client.GET("/api/v2/deployments/{deployment_id}/generations/", pathOf(id)))).generations,
  });
}

/** Return the webhook with its last calls; read again when the watch tells of it. */
export function useWebhook(id: string) {
  const told = useDerived(["webhook"], (store) => store.version("webhook"), []);
  return useQuery({
    queryKey: ["webhook", id, told],
    placeholderData: (before) => before,
    queryFn: () => call(client.GET("/api/v2/deployments/{deployment_id}/webhook", pathOf(id))),
  });
}
