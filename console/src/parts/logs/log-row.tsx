// One line of output: time, where it comes from, text with its colours and what was found.

import { memo } from "react";
import { formatAge, formatExact } from "@/state/words";
import { MAX_DRAWN, parseAnsi } from "./ansi";
import type { LogLine } from "./log-buffer";
import { markFound } from "./log-search";
import css from "./log-view.module.css";

export type TimeStyle = "local" | "utc" | "relative" | "none";

interface LogRowProps {
  line: LogLine;
  time: TimeStyle;
  gutter: boolean;
  pattern: RegExp | undefined;
  current: boolean;
}

export const LogRow = memo(function LogRow({ line, time, gutter, pattern, current }: LogRowProps) {
  if (line.rule) return <div className={css.rule}>{line.text}</div>;
  const spans = markFound(parseAnsi(line.text.slice(0, MAX_DRAWN)), pattern);
  return (
    <div className={`${css.line} ${line.stream === "stderr" ? css.stderr : ""} ${current ? css.current : ""}`}>
      {time !== "none" && <Time text={line.time ?? ""} style={time} />}
      {gutter && <Gutter line={line} />}
      <span className={css.text}>
        {spans.map((span, index) => (
          <span key={index} className={span.look ? span.look.split(" ").map((look) => css[look]).join(" ") : undefined}>
            {span.text}
          </span>
        ))}
        {line.text.length > MAX_DRAWN && <em className={css.cut}> … {line.text.length - MAX_DRAWN} more characters</em>}
      </span>
    </div>
  );
});

const TIME = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

/** Write the time of a line; milliseconds always, since lines are many a second. */
export function formatLineTime(text: string, style: TimeStyle, now: number): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return "";
  if (style === "utc") return new Date(ms).toISOString().slice(11, 23);
  if (style === "relative") return formatAge(now - ms);
  return `${TIME.format(ms)}.${String(ms % 1000).padStart(3, "0")}`;
}

function Time({ text, style }: { text: string; style: TimeStyle }) {
  const ms = Date.parse(text);
  return (
    <time className={css.time} dateTime={text} title={Number.isNaN(ms) ? undefined : `${formatExact(ms)} (${text})`}>
      {formatLineTime(text, style, Date.now())}
    </time>
  );
}

function Gutter({ line }: { line: LogLine }) {
  const name = line.service_id ?? "";
  return (
    <span className={css.gutter} title={`${line.container_name ?? ""} on ${line.hostname ?? ""}`}>
      <Dots name={name} />
      <span>
        {name} {line.service_slot}
      </span>
    </span>
  );
}

/** A pattern of dots that is always the same for a name, so that services are told apart at a glance. */
function Dots({ name }: { name: string }) {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 511;
  const dots = Array.from({ length: 9 }, (_, bit) => bit).filter((bit) => ((hash + 1) >> bit) & 1);
  return (
    <svg className={css.dots} viewBox="0 0 9 9" width="9" height="9" aria-hidden="true">
      {dots.map((bit) => (
        <rect key={bit} x={(bit % 3) * 3} y={Math.floor(bit / 3) * 3} width="2.4" height="2.4" />
      ))}
    </svg>
  );
}
