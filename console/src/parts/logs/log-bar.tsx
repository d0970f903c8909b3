// The bar above output: search, what to show, how, download, follow.

import { ArrowDownToLine, CaseSensitive, ChevronDown, ChevronUp, Pause, Play, SlidersHorizontal } from "lucide-react";
import { Button, IconButton } from "../button";
import { Menu, MenuCheck, MenuChoice, MenuLine } from "../menu";
import type { TimeStyle } from "./log-row";
import css from "./log-view.module.css";

export interface LogOptions {
  query: string;
  matchCase: boolean;
  only: boolean;
  stdout: boolean;
  stderr: boolean;
  wrap: boolean;
  time: TimeStyle;
}

interface LogBarProps {
  options: LogOptions;
  onChange: (changes: Partial<LogOptions>) => void;
  problem: string;
  found: number;
  /** Place of the current match, from 1; 0 for none. */
  current: number;
  onStep: (step: number) => void;
  following: boolean;
  onFollow: (on: boolean) => void;
  onDownload: () => void;
}

const TIMES: readonly { value: TimeStyle; label: string }[] = [
  { value: "local", label: "Local time" },
  { value: "utc", label: "UTC" },
  { value: "relative", label: "Age" },
  { value: "none", label: "No time" },
];

export function LogBar(props: LogBarProps) {
  const { options, onChange, following, onFollow } = props;
  const Follow = following ? Pause : Play;
  return (
    <div className={css.bar}>
      <LogSearch {...props} />
      <Menu
        align="end"
        trigger={
          <Button>
            <SlidersHorizontal size={14} strokeWidth={1.75} aria-hidden="true" /> View
          </Button>
        }
      >
        <MenuCheck checked={options.stdout} onChange={(stdout) => onChange({ stdout })}>Output</MenuCheck>
        <MenuCheck checked={options.stderr} onChange={(stderr) => onChange({ stderr })}>Errors</MenuCheck>
        <MenuCheck checked={options.wrap} onChange={(wrap) => onChange({ wrap })}>Wrap lines</MenuCheck>
        <MenuLine />
        <MenuChoice label="Time" value={options.time} options={TIMES} onChange={(time) => onChange({ time })} />
      </Menu>
      <IconButton label="Download" icon={<ArrowDownToLine size={16} strokeWidth={1.75} />} onClick={props.onDownload} />
      <Button aria-pressed={following} onClick={() => onFollow(!following)}>
        <Follow size={14} strokeWidth={1.75} aria-hidden="true" />
        {following ? "Following" : "Follow"}
      </Button>
    </div>
  );
}

function LogSearch({ options, onChange, problem, found, current, onStep }: LogBarProps) {
  return (
    <>
      <div className={css.search}>
        <input
          type="search"
          aria-label="Search in the output"
          placeholder="Search or /regex/"
          aria-invalid={problem !== ""}
          title={problem || undefined}
          value={options.query}
          onChange={(event) => onChange({ query: event.target.value })}
          onKeyDown={(event) => event.key === "Enter" && onStep(event.shiftKey ? -1 : 1)}
        />
        <IconButton
          label="Match case"
          aria-pressed={options.matchCase}
          icon={<CaseSensitive size={16} strokeWidth={1.75} />}
          onClick={() => onChange({ matchCase: !options.matchCase })}
        />
      </div>
      {options.query && (
        <span className={css.found}>
          {problem || (found ? `${current || "–"} of ${found}` : "No match")}
          <IconButton label="Previous match" icon={<ChevronUp size={16} strokeWidth={1.75} />} onClick={() => onStep(-1)} />
          <IconButton label="Next match" icon={<ChevronDown size={16} strokeWidth={1.75} />} onClick={() => onStep(1)} />
          <Button aria-pressed={options.only} onClick={() => onChange({ only: !options.only })}>
            Only matches
          </Button>
        </span>
      )}
      <span className={css.space} />
    </>
  );
}
