// The fleet as the map shows it: pools, their hosts, the slots on each.

import type { Container, Host, WaitingSlot } from "@/live/records";
import type { Store } from "@/live/store";
import { conditionOf } from "@/state/condition";
import { compareNames } from "@/state/order";
import type { CellView, PoolView, TileView } from "./layout";

/** Return the fleet, narrowed to a pool; slots of other deployments than the chosen one are dim. */
export function viewFleet(store: Store, pool: string, deployment: string): PoolView[] {
  const hosts = groupBy(store.all("host").values(), (host) => host.info.pool_id);
  const waiting = groupBy(store.all("slot").values(), (slot) => store.get("deployment", slot.deployment_id)?.placement.pool_id ?? "");
  const pools = [...store.all("pool").values()].filter((each) => !pool || each.id === pool).sort((a, b) => compareNames(a.name, b.name));
  return pools.map((each) => ({
    id: each.id,
    name: each.name,
    tiles: [
      ...waitingTile(store, waiting.get(each.id) ?? [], deployment),
      ...(hosts.get(each.id) ?? []).sort(byName).map((host) => tileOf(store, host, deployment)),
    ],
  }));
}

const byName = (a: Host, b: Host) => compareNames(a.info.hostname, b.info.hostname);

function waitingTile(store: Store, slots: readonly WaitingSlot[], deployment: string): TileView[] {
  if (slots.length === 0) return [];
  const cells = slots.map((slot): CellView => ({
    id: "",
    label: `${store.get("deployment", slot.deployment_id)?.deployment_name ?? slot.deployment_id} ${slot.service_id} ${slot.service_slot}`,
    condition: "waits",
    dim: deployment !== "" && slot.deployment_id !== deployment,
  }));
  return [{ id: "", name: "no host", trouble: "waiting", cells }];
}

function tileOf(store: Store, host: Host, deployment: string): TileView {
  const containers = [...store.containersOf("host", host.host_id)].flatMap((id) => store.get("container", id) ?? []);
  const cells = containers.sort(bySlot).map((each): CellView => ({
    id: each.id,
    label: each.container_name || `${each.deployment_name} ${each.service_id} ${each.service_slot}`,
    condition: conditionOf(each),
    dim: deployment !== "" && each.deployment_id !== deployment,
  }));
  return { id: host.host_id, name: host.info.hostname, trouble: troubleOf(host), cells };
}

function troubleOf(host: Host): string {
  if (!host.info.is_active) return "silent";
  if (host.held) return "held";
  return host.duty === "active" ? "" : host.duty;
}

/** Plain comparison: the order only has to hold still, for thousands of cells at once. */
function bySlot(a: Container, b: Container): number {
  if (a.deployment_name !== b.deployment_name) return a.deployment_name < b.deployment_name ? -1 : 1;
  if (a.service_id !== b.service_id) return a.service_id < b.service_id ? -1 : 1;
  return Number(a.service_slot) - Number(b.service_slot);
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
