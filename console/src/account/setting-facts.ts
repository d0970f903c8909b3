// What is known of each setting: its meaning, unit, default; and the changes of a form.

import type { Settings } from "./queries";

export type SettingName = keyof Settings;

export interface SettingFact {
  name: SettingName;
  label: string;
  meaning: string;
  /** Behind the value; "" for a text or a plain number. */
  unit: string;
  fallback: number | string;
  /** The words that it may be; none where it is a number or any text. */
  choices: readonly string[];
}

export interface SettingGroup {
  title: string;
  facts: readonly SettingFact[];
}

type Fact = (
  name: SettingName, label: string, unit: string, fallback: number | string, meaning: string, choices?: readonly string[],
) => SettingFact;

const fact: Fact = (name, label, unit, fallback, meaning, choices = []) => ({ name, label, unit, fallback, meaning, choices });

export const SETTING_GROUPS: readonly SettingGroup[] = [
  {
    title: "Hosts",
    facts: [
      fact("host_ttl_s", "Host silent", "seconds", 6, "A host silent for longer is inactive. Heartbeats come at a third of it."),
      fact("engine_ttl_s", "Engine silent", "seconds", 60, "A host whose container engine does not answer for longer is inactive, too."),
      fact("mass_silence_wait_s", "Wait after mass silence", "seconds", 60, "When more than half of ten or more hosts fall silent at once, their slots are placed again only after this."),
      fact("deleted_hosts", "Deleted hosts", "", "stop", "What the agent of a deleted host does with its containers when it comes back: stop and remove them, or report them and leave them.", ["stop", "report"]),
      fact("engine_concurrency", "Operations at once", "for each engine", 4, "Containers that are created, started or removed at the same time on a host."),
      fact("engine_resync_s", "Full list of an engine", "seconds", 30, "An agent lists all containers of its engine this often."),
      fact("call_deadline_s", "Deadline of a call", "seconds", 30, "Longest wait for an agent: logs, inspect, an action on a container."),
    ],
  },
  {
    title: "Failures",
    facts: [
      fact("backoff_first_s", "First wait", "seconds", 1, "Wait after a second failure in a row; it doubles with each further one."),
      fact("backoff_max_s", "Longest wait", "seconds", 60, "Longest wait between two attempts."),
      fact("backoff_reset_s", "Failures forgotten after", "seconds", 60, "How long a container must have run for its next failure to count as the first."),
      fact("attempts_before_move", "Failures before a move", "in a row", 5, "After this many failures the manager tries another host."),
    ],
  },
  {
    title: "Updates and health",
    facts: [
      fact("rollout_settle_s", "Settle time", "seconds", 2, "How long a new container must have run before an update ends the old one. It doubles with each failure in a row."),
      fact("rollout_monitor_s", "Watch of a rollout", "seconds", 5, "How long the containers of a first rollout or an update are watched. One that fails within it is no success."),
      fact("first_health_s", "First health", "seconds", 60, "How long an unhealthy container that was never healthy is left alone. Twice as long after each that was replaced in vain."),
      fact("stop_grace_s", "Grace to stop", "seconds", 10, "Wait between the request to stop and the kill, where the definition names none."),
      fact("image_tags", "Tags of images", "", "once", "When the tag of an image is looked up: once a generation, or always, for each container.", ["once", "always"]),
      fact("pull_deadline_s", "Deadline of a pull", "seconds", 1800, "Longest wait for an image to be pulled."),
    ],
  },
  {
    title: "Manager",
    facts: [
      fact("resync_s", "Planning", "seconds", 30, "The manager plans every deployment again this often, whatever events said."),
      fact("network_pool", "Networks", "", "10.210.0.0/16", "IPv4 network from which the bridges of deployments get their subnets, each a /26."),
      fact("session_lifetime_s", "Session lifetime", "seconds", 1800, "A session ends when it was not used for this time."),
      fact("api_token_of", "Token in texts", "", "deployment", "Whose token {{api_token}} is: one of the deployment, which only reads, or the bearer token of its user.", ["deployment", "user"]),
    ],
  },
];

export const SETTING_FACTS: readonly SettingFact[] = SETTING_GROUPS.flatMap((group) => group.facts);

/** What was typed, by setting; settings that were not touched are missing. */
export type SettingTexts = Partial<Record<SettingName, string>>;

export interface SettingChange {
  fact: SettingFact;
  before: number | string;
  after: number | string;
}

/** Return the value that a text means; none where it is no number but must be one. */
export function readSetting(fact: SettingFact, text: string): number | string | undefined {
  const trimmed = text.trim();
  if (typeof fact.fallback === "string") return trimmed || undefined;
  const number = Number(trimmed);
  return trimmed !== "" && Number.isFinite(number) ? number : undefined;
}

/** Return what a form changes, and which of its texts are no values. */
export function compareSettings(kept: Settings, texts: SettingTexts): { changes: SettingChange[]; wrong: SettingName[] } {
  const touched = SETTING_FACTS.filter((each) => texts[each.name] !== undefined);
  const read = touched.map((each) => ({ fact: each, before: kept[each.name], after: readSetting(each, texts[each.name] ?? "") }));
  return {
    wrong: read.filter((each) => each.after === undefined).map((each) => each.fact.name),
    changes: read.filter((each): each is SettingChange => each.after !== undefined && each.after !== each.before),
  };
}

/** Write a value with its unit. */
export function withUnit({ unit }: SettingFact, value: number | string): string {
  if (!unit) return String(value);
  return value === 1 && unit === "seconds" ? "1 second" : `${value} ${unit}`;
}
