// Numbers, sizes, ages and times as the console writes them everywhere.

const NUMBER = new Intl.NumberFormat("en");
/** Stands between a number and its unit: narrow, and never at the end of a line. */
export const THIN = "\u202f";

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Write a count: 10,000. */
export const formatCount = (value: number): string => NUMBER.format(value);

/** Write a noun with its count: "1 host", "3 hosts". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Write a size in bytes with at most three digits: 4.2 GB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2;
  return `${Number(value.toFixed(Math.min(digits, 1)))}${THIN}${UNITS[unit]}`;
}

/** Write an age: 12 s, 4 min, 3 h, 9 d. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}${THIN}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${THIN}min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${THIN}h`;
  return `${formatCount(Math.floor(seconds / 86_400))}${THIN}d`;
}

/** Return the moment that the API's text means in milliseconds; NaN for none, such as the year 1. */
export function parseTime(text: string | number | null | undefined): number {
  if (typeof text === "number") return text * 1000;
  const time = text ? Date.parse(text) : NaN;
  return time > 0 ? time : NaN;
}

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Write a moment with date and zone. */
export const formatExact = (ms: number): string => EXACT.format(ms);

/** Write the time of day. */
export const formatClock = (ms: number): string => CLOCK.format(ms);
