// How output is shown: the search is in the address, the rest is kept by the browser.

import { useMemo } from "react";
import { usePreference } from "../preference";
import { usePageSearch } from "../search";
import type { LogOptions } from "./log-bar";
import type { TimeStyle } from "./log-row";

export function useLogOptions(): [LogOptions, (changes: Partial<LogOptions>) => void] {
  const [search, changeSearch] = usePageSearch({ find: "", case: false, only: false, stdout: true, stderr: true });
  const [wrap, setWrap] = usePreference("log.wrap", "off");
  const [time, setTime] = usePreference("log.time", "local");
  const { find: query, case: matchCase, only, stdout, stderr } = search;
  const options = useMemo(
    () => ({ query, matchCase, only, stdout, stderr, wrap: wrap === "on", time: time as TimeStyle }),
    [query, matchCase, only, stdout, stderr, wrap, time],
  );
  const change = (changes: Partial<LogOptions>) => {
    if (changes.wrap !== undefined) setWrap(changes.wrap ? "on" : "off");
    if (changes.time !== undefined) setTime(changes.time);
    const next = { ...options, ...changes };
    changeSearch({ find: next.query, case: next.matchCase, only: next.only, stdout: next.stdout, stderr: next.stderr });
  };
  return [options, change];
}
