// The graphs of a container or host: processor, memory with its limit, network, disk.

import { useEffect, useState } from "react";
import { formatBytes, THIN } from "@/state/words";
import { Empty } from "../empty";
import { ProblemBox } from "../problem-box";
import { Chart, type Series } from "./chart";
import css from "./chart.module.css";
import { type Usage, useUsage } from "./usage";

const percent = (value: number) => `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}${THIN}%`;
const rate = (value: number) => `${formatBytes(value)}/s`;

interface UsageChartsProps {
  /** Path of the API: `/api/v2/containers/ID` or `/api/v2/hosts/ID`. */
  path: string;
  height?: number;
  /** Without the graphs of disks. */
  few?: boolean;
}

export function UsageCharts({ path, height, few = false }: UsageChartsProps) {
  const { usage, problem } = useUsage(path);
  const visible = useVisible();
  const [shown, setShown] = useState(usage);
  useEffect(() => {
    if (visible) setShown(usage);
  }, [usage, visible]);
  if (problem && usage.times.length === 0) return <ProblemBox problem={problem} />;
  if (usage.times.length === 0) return <Empty title="No measurement yet">The first one comes within 10 seconds.</Empty>;
  return (
    <div className={css.grid}>
      {graphsOf(shown, few).map((graph) => (
        <Chart key={graph.title} times={shown.times} height={height} {...graph} />
      ))}
    </div>
  );
}

interface Graph {
  title: string;
  series: readonly Series[];
  format: (value: number) => string;
  limit?: number;
}

function graphsOf(usage: Usage, few: boolean): Graph[] {
  const one = (label: string, values: Usage["cpu"]): Series[] => [{ label, values }];
  const graphs: Graph[] = [
    { title: "CPU", series: one("CPU", usage.cpu), format: percent },
    { title: "Memory", series: one("Memory", usage.memory), format: formatBytes, limit: usage.memoryLimit || undefined },
    { title: "Network received", series: one("Received", usage.received), format: rate },
    { title: "Network sent", series: one("Sent", usage.sent), format: rate },
  ];
  if (few) return graphs;
  return [
    ...graphs,
    { title: "Disk read", series: one("Read", usage.read), format: rate },
    { title: "Disk written", series: one("Written", usage.written), format: rate },
  ];
}

/** Whether the tab is shown: hidden ones need not draw. */
function useVisible(): boolean {
  const [visible, setVisible] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}
