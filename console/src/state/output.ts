// What a container wrote, as the API answers it: two texts, each line with its time before it.

export interface OutputLine {
  at: string;
  text: string;
  stream: "stdout" | "stderr";
}

/** Return the newest lines of both streams in the order in which they were written. */
export function mergeOutput(stdout: string, stderr: string, most: number): OutputLine[] {
  const lines = [...readLines(stdout, "stdout"), ...readLines(stderr, "stderr")];
  return lines.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).slice(-most);
}

function readLines(text: string, stream: OutputLine["stream"]): OutputLine[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? { at: line, text: "", stream } : { at: line.slice(0, space), text: line.slice(space + 1), stream };
  });
}
