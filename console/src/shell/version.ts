// The version of the manager.

import { useQuery } from "@tanstack/react-query";
import { call, client } from "@/api/client";

export function useVersion(): string {
  const { data } = useQuery({ queryKey: ["version"], queryFn: () => call(client.GET("/api/version")), staleTime: Infinity });
  return data?.version ?? "";
}
