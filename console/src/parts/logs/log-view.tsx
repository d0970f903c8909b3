// Output of containers: virtual, searched, followed while at its end and only then.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { plural } from "@/state/words";
import { Button } from "../button";
import { Empty } from "../empty";
import { useKeys } from "../keys";
import { ProblemBox } from "../problem-box";
import { Skeleton } from "../skeleton";
import { plainText } from "./ansi";
import { LogBar, type LogOptions } from "./log-bar";
import type { LogLine } from "./log-buffer";
import { LogRow } from "./log-row";
import { matches, readSearch } from "./log-search";
import css from "./log-view.module.css";
import { saveLog } from "./save-log";
import { useLog } from "./use-log";
import { useLogOptions } from "./use-log-options";

const ROW_PX = 20;
/** So near to the end counts as being there. */
const END_PX = 24;

interface LogViewProps {
  /** Path of the API that answers with the output. */
  path: string;
  /** Of the container or deployment. */
  name: string;
  /** Tell with each line which service it is of. */
  gutter?: boolean;
}

export function LogView({ path, name, gutter = false }: LogViewProps) {
  const log = useLog(path, name);
  const version = useSyncExternalStore(log.buffer.subscribe, () => log.buffer.version);
  const [options, change] = useLogOptions();
  const search = useMemo(() => readSearch(options.query, options.matchCase), [options.query, options.matchCase]);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the buffer's content
  const lines = useMemo(() => shownLines(log.buffer.all(), options, search.pattern), [version, options, search]);
  const found = useMemo(() => placesOf(lines, search.pattern), [lines, search]);
  const scroller = useRef<HTMLDivElement>(null);
  const scroll = useScroll(scroller, lines, log.readOlder);
  const [current, setCurrent] = useState(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
    getItemKey: (index) => lines[index]?.number ?? index,
  });
  const step = (by: number) => {
    if (found.length === 0) return;
    const next = current === 0 && by < 0 ? found.length : ((current - 1 + by + found.length) % found.length) + 1;
    setCurrent(next);
    scroll.setFollowing(false);
    virtual.scrollToIndex(found[next - 1] ?? 0, { align: "center" });
  };
  useKeys([
    { key: "f", label: "Follow the output", run: () => scroll.setFollowing(!scroll.following) },
    { key: "n", label: "Next match", run: () => step(1) },
    { key: "N", label: "Previous match", run: () => step(-1) },
    { key: "w", label: "Wrap lines", run: () => change({ wrap: !options.wrap }) },
  ]);
  return (
    <section className={css.view} aria-label={`Output of ${name}`}>
      <LogBar
        options={options}
        onChange={change}
        problem={search.problem}
        found={found.length}
        current={current}
        onStep={step}
        following={scroll.following}
        onFollow={scroll.setFollowing}
        onDownload={() => saveLog(name, log.buffer.all())}
      />
      {log.problem && <ProblemBox problem={log.problem} onRetry={log.retry} />}
      <div ref={scroller} className={css.scroller} tabIndex={0} role="log" aria-live="off" aria-label="Lines" onScroll={scroll.onScroll}>
        {!log.begun && <Skeleton />}
        {log.begun && lines.length === 0 && !log.problem && <Nothing options={options} any={log.buffer.all().length > 0} />}
        <div className={options.wrap ? css.wrapped : css.lines} style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return (
              line && (
                <div
                  key={line.number}
                  data-index={item.index}
                  ref={options.wrap ? virtual.measureElement : undefined}
                  className={css.place}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LogRow
                    line={line}
                    time={options.time}
                    gutter={gutter}
                    pattern={search.pattern}
                    current={found[current - 1] === item.index}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!scroll.following && scroll.fresh > 0 && (
        <Button className={css.fresh} onClick={() => scroll.setFollowing(true)}>
          ↓ {plural(scroll.fresh, "new line")}
        </Button>
      )}
    </section>
  );
}

function Nothing({ options, any }: { options: LogOptions; any: boolean }) {
  if (any) return <Empty title="No line matches">Change the search or what is shown.</Empty>;
  return <Empty title="Nothing was written yet">{options.query ? "" : "Lines appear here as they are written."}</Empty>;
}

function shownLines(all: readonly LogLine[], options: LogOptions, pattern: RegExp | undefined): readonly LogLine[] {
  const filtered = options.only && pattern;
  if (options.stdout && options.stderr && !filtered) return all;
  return all.filter((line) => {
    if (line.rule) return true;
    if (line.stream === "stderr" ? !options.stderr : !options.stdout) return false;
    return !filtered || matches(filtered, plainText(line.text));
  });
}

function placesOf(lines: readonly LogLine[], pattern: RegExp | undefined): number[] {
  if (!pattern) return [];
  return lines.flatMap((line, index) => (!line.rule && matches(pattern, plainText(line.text)) ? [index] : []));
}

/** Follow at the end only; keep the place while lines come before or after it. */
function useScroll(scroller: React.RefObject<HTMLDivElement | null>, lines: readonly LogLine[], readOlder: () => Promise<void>) {
  const [following, setFollowing] = useState(true);
  const seen = useRef({ first: 0, last: 0 });
  const [fresh, setFresh] = useState(0);
  const first = lines[0]?.number ?? 0;
  const last = lines.at(-1)?.number ?? 0;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (following) element.scrollTop = element.scrollHeight;
    else if (first !== seen.current.first) element.scrollTop += (seen.current.first - first) * ROW_PX;
    seen.current.first = first;
    if (following) seen.current.last = last;
    setFresh(Math.max(0, last - seen.current.last));
  }, [scroller, following, first, last, lines]);
  useEffect(() => {
    if (following && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [scroller, following]);
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < END_PX);
    if (element.scrollTop < 10 * ROW_PX && element.scrollHeight > element.clientHeight) void readOlder();
  };
  return { following, setFollowing, fresh, onScroll };
}
