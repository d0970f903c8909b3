// What can be asked of a registry.

import { act, write } from "@/api/act";
import { client } from "@/api/client";
import type { Registry } from "@/live/records";

export interface RegistryValues {
  url: string;
  username: string;
  password: string;
  email: string;
  description: string;
}

const subject = (registry: Registry) => ({ kind: "registry", id: registry.registry_id, name: registry.url });

export const addRegistry = (values: RegistryValues) =>
  act({ kind: "registry", id: values.url, name: values.url }, "Adding", (headers) => client.POST("/api/v2/registries/", { headers, body: values }));

/** Change a registry; an empty password keeps the one that is stored. */
export const changeRegistry = (registry: Registry, { password, ...values }: RegistryValues) =>
  act(subject(registry), "Changing", (headers) =>
    client.PUT("/api/v2/registries/{registry_id}", {
      params: { path: { registry_id: registry.registry_id } },
      headers,
      body: password ? { ...values, password } : values,
    }),
  );

export const removeRegistry = (registry: Registry) =>
  act(subject(registry), "Removing", (headers) =>
    client.DELETE("/api/v2/registries/{registry_id}", { params: { path: { registry_id: registry.registry_id } }, headers }),
  );

/** Log in at a registry with what is stored, or with what is typed. */
export const checkLogin = (registryId: string, values: Partial<RegistryValues> = {}) =>
  write((headers) =>
    client.POST("/api/v2/registries/validate", {
      headers,
      body: { registry_id: registryId || null, url: values.url || null, username: values.username || null, password: values.password || null },
    }),
  );
