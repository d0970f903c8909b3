// What can be asked of a pool.

import { act } from "@/api/act";
import { call, client } from "@/api/client";
import type { Host, Pool } from "@/live/records";
import { sumForecasts, type Forecast } from "@/state/forecast";

export interface PoolValues {
  name: string;
  description: string;
  tags: string[];
}

export const createPool = (id: string, values: PoolValues) =>
  act({ kind: "pool", id, name: values.name || id }, "Creating", (headers) =>
    client.POST("/api/pools/", { headers, body: { id, ...values, name: values.name || id } }),
  );

export const changePool = (pool: Pool, values: PoolValues) =>
  act({ kind: "pool", id: pool.id, name: pool.name }, "Changing", (headers) =>
    client.PUT("/api/pools/{pool_id}", { params: { path: { pool_id: pool.id } }, headers, body: values }),
  );

export const removePool = (pool: Pool) =>
  act({ kind: "pool", id: pool.id, name: pool.name }, "Removing", (headers) =>
    client.DELETE("/api/pools/{pool_id}", { params: { path: { pool_id: pool.id } }, headers }),
  );

export const moveHost = (host: Host, poolId: string) =>
  act({ kind: "host", id: host.host_id, name: host.info.hostname }, "Moving", (headers) =>
    client.PUT("/api/hosts/{host_id}/pool", { params: { path: { host_id: host.host_id } }, headers, body: { pool_id: poolId } }),
  );

/** Return what the move of each of these hosts alone would do. */
export async function foreseeMoves(hostIds: readonly string[], poolId: string): Promise<Forecast> {
  const answers = await Promise.all(
    hostIds.map((id) => {
      const params = { path: { host_id: id }, query: { dry_run: "full" as const } };
      return call(client.PUT("/api/hosts/{host_id}/pool", { params, body: { pool_id: poolId } }));
    }),
  );
  return sumForecasts(answers.flatMap((answer) => ("plans" in answer ? [answer] : [])));
}
