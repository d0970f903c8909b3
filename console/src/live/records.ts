// The records that the console holds, by kind.

import type { Schemas } from "@/api/client";

export type Container = Omit<Schemas["FlatContainer"], "container">;
export type Port = Schemas["PortItem"];
type Summary = Pick<
  Schemas["SummaryAnswer"],
  "health" | "containers_total" | "containers_running" | "services_total" | "services_healthy"
>;
/** As the watch tells it: in numbers, and without its text. */
export type Deployment = Schemas["DeploymentAnswer"] & Summary;
/** A wanted slot that no host takes. */
export type WaitingSlot = Schemas["SlotItem"];
export type Host = Schemas["HostAnswer"];
export type Pool = Schemas["PoolAnswer"];
export type Task = Schemas["TaskAnswer"];
export type Status = Schemas["StatusAnswer"];
export type EventRecord = Schemas["EventAnswer"];
export type Definition = Schemas["DefinitionAnswer"];
export type Registry = Schemas["RegistryAnswer"];

export interface Records {
  container: Container;
  deployment: Deployment;
  host: Host;
  slot: WaitingSlot;
  pool: Pool;
  task: Task;
  status: Status;
  event: EventRecord;
  service: Definition;
  stack: Definition;
  registry: Registry;
  tag: string;
  settings: Schemas["Settings"];
  user: Schemas["UserAnswer"];
  images: { host_id: string };
  key: { Key: string; CreateIndex: number; ModifyIndex: number; Flags: number };
  catalog: Schemas["EntryAnswer"];
  webhook: Schemas["WebhookAnswer"];
  generation: Schemas["GenerationAnswer"];
}

export type Kind = keyof Records;
