// The steps of an image's making, as the engine tells them.

export interface Layer {
  command: string;
  size: number;
}

/** Return the layers of an engine's history, newest first; what is not a layer is left out. */
export function readLayers(history: unknown): Layer[] {
  if (!Array.isArray(history)) return [];
  return history.flatMap((each: unknown): Layer[] => {
    if (typeof each !== "object" || each === null) return [];
    const { CreatedBy: command, Size: size } = each as { CreatedBy?: unknown; Size?: unknown };
    if (typeof command !== "string") return [];
    return [{ command: command.replace(/^\/bin\/sh -c (#\(nop\)\s*)?/, ""), size: typeof size === "number" ? size : 0 }];
  });
}
