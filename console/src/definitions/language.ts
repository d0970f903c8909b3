// What the manager makes of a text: checked and converted, never stored.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, client, type Schemas } from "@/api/client";
import type { TextMark } from "@/parts/editor/text-marks";

/** A service as far as the console tells of it; members at their defaults are left out of answers. */
export type Service = Pick<Schemas["ServiceSpec"], "key"> &
  Partial<Pick<Schemas["ServiceSpec"], "replicas" | "phase" | "depends_on">> & {
    container: Partial<Pick<Schemas["ContainerSpec"], "image" | "ports" | "mounts">>;
  };
export type Checked = Omit<Schemas["Checked"], "services"> & { services: Record<string, Service> };
type Form = "auto" | "docker_run";

/** Pause in writing after which a text is checked. */
const SETTLE_MS = 250;

/** Return a value once it has not changed for a moment. */
export function useSettled<T>(value: T, ms = SETTLE_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Return what a text says, or what is wrong with it, a moment after each change. */
export function useChecked(text: string, form: Form = "auto") {
  const settled = useSettled(text);
  return useQuery({
    queryKey: ["definition-check", form, settled],
    enabled: settled.trim() !== "",
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 10_000,
    queryFn: ({ signal }) => call(client.POST("/api/v2/definitions/validate", { body: { content: settled, form }, signal })),
  });
}

/** One service of the Builder's form, by its members. */
export type FormService = Readonly<Record<string, unknown>>;

export interface Forms {
  yaml: string;
  /** None where there is more than one service. */
  command: string | undefined;
  services: readonly FormService[];
}

interface Source {
  content: string;
  form?: Form;
  services?: readonly FormService[];
}

/** Write a text in every form; answers with what is wrong where it is invalid. */
export async function convert({ content, form = "auto", services }: Source): Promise<{ checked: Checked; forms?: Forms }> {
  const editorTemp = services && { struct: { services } };
  const answer = await call(client.POST("/api/v2/definitions/convert", { body: { content, form, editorTemp } }));
  if (!("yaml" in answer)) return { checked: answer };
  const { struct } = answer.editorTemp as { struct?: { services?: FormService[] } };
  return { checked: answer, forms: { yaml: answer.yaml, command: answer.docker_run, services: struct?.services ?? [] } };
}

/** Return the marks of an editor: what is wrong, and what has no effect. */
export function marksOf(checked: Checked | undefined): TextMark[] {
  if (!checked) return [];
  const ignored = checked.report.filter((each) => each.outcome === "ignored");
  return [
    ...checked.errors.map((each): TextMark => ({ ...each, severity: "error" })),
    ...ignored.map((each): TextMark => ({ line: each.line, column: 0, message: `No effect: ${each.reason}`, severity: "info" })),
  ];
}

/** Whether a text is a command instead of YAML. */
export const isCommand = (text: string): boolean => /^\s*(?:sudo\s+)?docker\s+(?:container\s+)?run\s/.test(text);
