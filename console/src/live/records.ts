// The records that the console holds, by kind.

import type { Schemas } from "@/api/client";

export type Container = Omit<Schemas["FlatContainer"], "container">;
export type Port = Schemas["PortItem"];
export type Deployment = Omit<Schemas["DeploymentAnswer"], "stack"> & {
  stack: Omit<Schemas["StackAnswer"], "content">;
} & Partial<Pick<Schemas["SummaryAnswer"], "health" | "containers_total" | "containers_running" | "services_total" | "services_healthy">> & {
  task_id?: string;
};
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
