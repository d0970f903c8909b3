// What is asked for: only what differs from what there is, or from what the definition says.

import type { Schemas } from "@/api/client";
import type { Problem } from "@/api/problem";
import type { Definition, Deployment } from "@/live/records";
import { countPlan, describeCounts, type Plan, type ServiceChange } from "@/parts/plan/plan";

export type DeploymentBody = Schemas["DeploymentBody"];
type Quantities = Record<string, number>;

/** What a person has set; missing members are as they were. */
export interface DeployDraft {
  name?: string;
  pool?: string;
  text?: string;
  /** The text that `text` began as. */
  base?: string;
  /** Whether it is only made, and started later. */
  prepare?: boolean;
  quantities: Quantities;
}

export const EMPTY: DeployDraft = { quantities: {} };

/** Return the body of a creation; none while there is no text. */
export function describeNew(draft: DeployDraft, definition: Definition | undefined, pool: string): DeploymentBody | undefined {
  const written = draft.text !== undefined && draft.text !== definition?.content;
  const missing = written ? draft.text?.trim() === "" : !definition;
  if (missing) return undefined;
  const name = draft.name?.trim();
  return {
    ...(name ? { deployment_name: name } : {}),
    placement: { pool_id: pool },
    quantities: draft.quantities,
    stack: { ...(definition && nameDefinition(definition)), ...(written && { content: draft.text }) },
  };
}

const nameDefinition = ({ service_id, service_name, subtype }: Definition) =>
  ({ service_id, service_name, subtype: subtype as "service" | "stack" });

/** Return the body of a change: what differs from the deployment and its text. */
export function describeChange(draft: DeployDraft, deployment: Deployment, text: string): DeploymentBody {
  const quantities = Object.entries(draft.quantities).filter(([service, count]) => count !== deployment.quantities[service]);
  const name = draft.name?.trim();
  return {
    ...(name && name !== deployment.deployment_name ? { deployment_name: name } : {}),
    ...(draft.pool && draft.pool !== deployment.placement.pool_id ? { placement: { pool_id: draft.pool } } : {}),
    ...(quantities.length > 0 ? { quantities: Object.fromEntries(quantities) } : {}),
    ...(draft.text !== undefined && draft.text !== text ? { stack: { content: draft.text } } : {}),
  };
}

/** What a form shows where nothing was set. */
export interface Source {
  /** Tells drafts apart. */
  key: string;
  name: string;
  text: string;
}

/** Describe where a new deployment's text comes from; no definition is a text of one's own. */
export function describeSource(definition: Definition | undefined): Source {
  if (!definition) return { key: "text", name: "", text: "" };
  return { key: `${definition.subtype}.${definition.service_id}`, name: definition.service_name, text: definition.content };
}

/** Return what the manager names a deployment that was given no name. */
export const defaultName = (source: Source, services: readonly ServiceChange[]): string => source.name || (services[0]?.service_id ?? "");

/** Write what a new deployment is called in the page's head. */
export const describeTitle = (name: string): string => (name ? `Deploy ${name}` : "Deploy");

/** Whether the text was changed by others after somebody began to write here. */
export const isOvertaken = ({ text, base }: DeployDraft, current: string): boolean =>
  text !== undefined && base !== undefined && base !== current;

/** Write the act on its button: what it is, and what it comes to where that is done at once. */
export function describeAct(verb: string, plan: Plan | undefined, atOnce: boolean): string {
  const counts = plan && atOnce ? describeCounts(countPlan(plan)) : "";
  return counts ? `${verb}: ${counts}` : verb;
}

/** Return the lines that a refusal names. */
export const wrongLines = (problem: Problem | undefined): number[] => (problem?.items ?? []).flatMap(({ line }) => (line ? [line] : []));
