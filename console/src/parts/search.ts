// The address is the state: filter, sort, tab and selection are search parameters.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef } from "react";

type Value = string | boolean | number;

/** Parameters of a page with what they are when the address does not name them. */
export type Defaults = Record<string, Value>;

/** Values keep the kind of their defaults, not the literal. */
type Widened<D> = { [K in keyof D]: D[K] extends string ? string : D[K] extends boolean ? boolean : number };

/** Return a parameter as its default's kind; a bad value falls back. */
export function readParameter(text: string | undefined, fallback: Value): Value {
  if (text === undefined) return fallback;
  if (typeof fallback === "boolean") return text === "1" || text === "true";
  if (typeof fallback === "string") return text;
  const number = Number(text);
  return Number.isFinite(number) && text !== "" ? number : fallback;
}

/** Write a parameter; none where it is the default, so that addresses stay short. */
export function writeParameter(value: Value, fallback: Value): string | undefined {
  if (value === fallback) return undefined;
  return typeof value === "boolean" ? (value ? "1" : "0") : String(value);
}

/** Return a page's parameters and a function that changes some of them; `pool` and others stay. */
export function usePageSearch<D extends Defaults>(defaults: D): [Widened<D>, (changes: Partial<Widened<D>>) => void] {
  const search = useSearch({ strict: false }) as Record<string, string>;
  const navigate = useNavigate();
  const kept = useRef(defaults);
  const values = Object.fromEntries(
    Object.entries(kept.current).map(([name, fallback]) => [name, readParameter(search[name], fallback)]),
  ) as Widened<D>;
  const change = useCallback(
    (changes: Partial<Widened<D>>) => {
      const written = Object.fromEntries(
        Object.entries(changes).map(([name, value]) => [name, writeParameter(value as Value, kept.current[name] ?? "")]),
      );
      void navigate({ to: ".", search: ((before: object) => ({ ...before, ...written })) as never, replace: true });
    },
    [navigate],
  );
  return [values, change];
}

/** Return the pool that all pages are narrowed to; "" for all. */
export function usePool(): string {
  return (useSearch({ strict: false }) as Record<string, string>).pool ?? "";
}

/** Read an address's parameters as plain texts. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Write parameters as people would. */
export function stringifySearch(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}
