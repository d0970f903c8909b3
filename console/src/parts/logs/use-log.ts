// Follows the output of a container or of a whole deployment, and reads what is older.

import { useCallback, useEffect, useRef, useState } from "react";
import { readJson } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { link } from "@/live/page-link";
import { type ApiLine, linesOfStreams, LogBuffer } from "./log-buffer";

/** Lines that are read first, and at each step back. */
const STEP = 500;

export interface Log {
  buffer: LogBuffer;
  problem: Problem | undefined;
  /** Whether the first lines have come, or there are none. */
  begun: boolean;
  /** Whether there is nothing older to read. */
  complete: boolean;
  readOlder: () => Promise<void>;
  retry: () => void;
}

interface Answer {
  container?: { stdout: string; stderr: string };
  logs?: { lines: ApiLine[] };
}

/** Return the log at a path; when the path changes, it goes on there after a line that says so. */
export function useLog(path: string, name: string): Log {
  const [buffer] = useState(() => new LogBuffer((run) => requestAnimationFrame(run)));
  const [problem, setProblem] = useState<Problem>();
  const [begun, setBegun] = useState(false);
  const [complete, setComplete] = useState(false);
  const [tries, setTries] = useState(0);
  const before = useRef("");
  const reading = useRef(false);
  useEffect(() => {
    if (before.current && before.current !== path) {
      buffer.append([{ stream: "", text: `The container was replaced. Its successor ${name} follows.`, rule: true }]);
    }
    before.current = path;
    setProblem(undefined);
    // Quiet containers send nothing at first: after a moment the view says so.
    const quiet = setTimeout(() => setBegun(true), 1500);
    const close = link.follow(`${path}?follow=true&tail=${STEP}`, {
      onData: (data, event) => {
        setBegun(true);
        if (event === "end") buffer.append([{ stream: "", text: `${name} ended.`, rule: true }]);
        else if (event === "") buffer.append([data as ApiLine]);
        else if (event === "error") setProblem(problemOf(data));
      },
      onEnd: (code, message) => {
        if (code && code !== "ended") setProblem(new Problem(0, [{ code, message }]));
        setBegun(true);
      },
    });
    return () => {
      clearTimeout(quiet);
      close();
    };
  }, [buffer, name, path, tries]);
  const readOlder = useCallback(async () => {
    const oldest = buffer.oldest;
    if (reading.current || complete || !oldest?.time) return;
    reading.current = true;
    try {
      const lines = await readBefore(path, oldest.time);
      if (lines.length === 0) setComplete(true);
      else buffer.prepend(lines);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      reading.current = false;
    }
  }, [buffer, complete, path]);
  const retry = useCallback(() => {
    buffer.clear();
    setTries((count) => count + 1);
  }, [buffer]);
  return { buffer, problem, begun, complete, readOlder, retry };
}

/** Read lines that were written before a time. */
async function readBefore(path: string, time: string): Promise<ApiLine[]> {
  const answer = await readJson<Answer>(`${path}?until=${encodeURIComponent(time)}&tail=${STEP}`);
  const { stdout = "", stderr = "" } = answer.container ?? {};
  const lines = answer.logs?.lines ?? linesOfStreams(stdout, stderr);
  return lines.filter((line) => (line.time ?? "") < time);
}

function problemOf(data: unknown): Problem {
  const { code = "failed", message = "The output cannot be followed." } = (data ?? {}) as { code?: string; message?: string };
  return new Problem(0, [{ code, message }]);
}
