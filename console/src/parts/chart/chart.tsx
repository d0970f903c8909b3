// A graph over time: one line or several, the limit as a dashed line, the value of the moment above it.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import css from "./chart.module.css";
import { axisValues, optionsOf } from "./chart-options";

export interface Series {
  label: string;
  values: readonly (number | null)[];
}

export interface ChartProps {
  title: string;
  times: readonly number[];
  series: readonly Series[];
  format: (value: number) => string;
  /** Drawn as a dashed line: what cannot be exceeded. */
  limit?: number;
  height?: number;
  /** Graphs of one group show the same moment when one is pointed at. */
  group?: string;
}

export function Chart({ title, times, series, format, limit, height = 96, group = "usage" }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const value = useRef<HTMLSpanElement>(null);
  const now = latest(series, format);
  const labels = series.map((each) => each.label).join();
  const limited = limit !== undefined;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const show = (text: string | undefined) => {
      if (value.current) value.current.textContent = text ?? value.current.dataset.now ?? "";
    };
    const options = optionsOf({ width: element.clientWidth, height, labels: labels.split(","), format, limit: limited, group, show });
    const made = new uPlot(options, [[]], element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const theme = new MutationObserver(() => made.redraw(false));
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      observer.disconnect();
      theme.disconnect();
      made.destroy();
    };
  }, [format, group, height, labels, limited]);
  useEffect(() => {
    plot.current?.setData(axisValues(times, series, limit));
  }, [times, series, limit, labels]);
  return (
    <figure className={css.chart}>
      <figcaption className={css.head}>
        <span className={css.title}>{title}</span>
        <span ref={value} data-now={now} className={css.value}>
          {now}
        </span>
      </figcaption>
      <div ref={place} className={css.place} style={{ blockSize: height }} role="img" aria-label={`${title}: now ${now || "unknown"}`} />
    </figure>
  );
}

function latest(series: readonly Series[], format: (value: number) => string): string {
  const sums = series.flatMap((each) => each.values.at(-1) ?? []);
  return sums.length ? format(sums.reduce((sum, each) => sum + each, 0)) : "";
}
