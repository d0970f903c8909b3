// The account and its sessions, and what can be changed of them.

import { useQuery } from "@tanstack/react-query";
import { write } from "@/api/act";
import { call, client } from "@/api/client";
import type { Schemas } from "@/api/client";
import { useDerived } from "@/live/hooks";

export type SessionItem = Schemas["SessionItem"];
export type Settings = Schemas["Settings"];
export type NewToken = Schemas["NewToken"];

export function useAccount() {
  return useQuery({ queryKey: ["account"], queryFn: async () => (await call(client.GET("/api/v2/session"))).user });
}

export function useSessions() {
  return useQuery({ queryKey: ["sessions"], queryFn: async () => (await call(client.GET("/api/v2/sessions/"))).sessions });
}

export function useTokens() {
  return useQuery({ queryKey: ["tokens"], queryFn: async () => (await call(client.GET("/api/v2/tokens/"))).tokens });
}

/** Return the settings; read again when the watch tells of them. */
export function useSettings() {
  const told = useDerived(["settings"], (store) => store.version("settings"), []);
  return useQuery({
    queryKey: ["settings", told],
    placeholderData: (before) => before,
    queryFn: async () => (await call(client.GET("/api/v2/settings"))).settings,
  });
}

/** Return the bearer token; the first call makes it. */
export const readToken = async () => (await call(client.GET("/api/token"))).token;

export const renewToken = async () => (await write((headers) => client.POST("/api/token/new", { headers }))).token;

export const changeAccount = (body: Schemas["UserBody"]) => write(() => client.PUT("/api/users/admin", { body }));

/** Make a named token; the answer holds its text. */
export const createToken = (body: Schemas["TokenBody"]): Promise<NewToken> => write((headers) => client.POST("/api/v2/tokens/", { headers, body }));

export const endToken = (id: string) =>
  write(() => client.DELETE("/api/v2/tokens/{token_id}", { params: { path: { token_id: id } } }));

export const endSession = (id: string) =>
  write(() => client.DELETE("/api/v2/sessions/{session_id}", { params: { path: { session_id: id } } }));

export const endOtherSessions = () => write(() => client.DELETE("/api/v2/sessions/"));

export const changeSettings = (settings: Record<string, number | string>) => write(() => client.PUT("/api/v2/settings", { body: { settings } }));
