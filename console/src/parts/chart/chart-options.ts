// How graphs are drawn: thin lines in the accent, quiet axes, one cursor for a group.

import type uPlot from "uplot";
import type { Series } from "./chart";

interface Wanted {
  width: number;
  height: number;
  labels: readonly string[];
  format: (value: number) => string;
  limit: boolean;
  group: string;
  /** Shows the value that is pointed at, or that of now. */
  show: (text: string | undefined) => void;
}

const FONT = '11px "Atkinson Hyperlegible Next", system-ui, sans-serif';
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** Return a token's colour as it is now: the theme may change. */
const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function optionsOf({ width, height, labels, format, limit, group, show }: Wanted): uPlot.Options {
  const lines: uPlot.Series[] = labels.map((label, index) => ({
    label,
    stroke: () => token("accent"),
    width: 1.25,
    dash: DASHES[index % DASHES.length],
    points: { show: false },
    fill: index === 0 && labels.length === 1 ? () => token("accent-soft") : undefined,
  }));
  if (limit) lines.push({ label: "Limit", stroke: () => token("text-3"), width: 1, dash: [4, 4], points: { show: false } });
  const axis = { stroke: () => token("text-3"), font: FONT, ticks: { show: false } };
  return {
    width,
    height,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: group }, y: false, drag: { x: false, y: false }, points: { show: true, size: 6 } },
    scales: { y: { range: (_, __, most) => [0, Math.max(most || 0, 1e-9) * 1.15] } },
    series: [{}, ...lines],
    axes: [
      { ...axis, grid: { show: false }, size: 20, space: 70, values: (_, splits) => splits.map((each) => CLOCK.format(each * 1000)) },
      { ...axis, grid: { stroke: () => token("line"), width: 1 }, size: 62, space: 34, values: (_, splits) => splits.map(format) },
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const index = plot.cursor.idx;
          const found = index === null || index === undefined ? [] : labels.flatMap((_, line) => plot.data[line + 1]?.[index] ?? []);
          show(found.length ? `${CLOCK.format((plot.data[0][index ?? 0] ?? 0) * 1000)}  ${found.map(format).join(", ")}` : undefined);
        },
      ],
    },
  };
}

/** Return the data as the library wants it, with the limit as a line of its own. */
export function axisValues(times: readonly number[], series: readonly Series[], limit: number | undefined): uPlot.AlignedData {
  const lines = series.map((each) => each.values as (number | null)[]);
  if (limit !== undefined) lines.push(times.map(() => limit));
  return [times as number[], ...lines];
}
