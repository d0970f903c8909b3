// Names of keys as a tree by "/", and values as texts.

export interface Branch {
  /** The last part of the name. */
  name: string;
  /** The whole name; of a folder it ends in "/". */
  path: string;
  folder: boolean;
  /** Keys in it, at any depth. */
  count: number;
}

/** Return what is directly below a prefix: folders first, each with the number of its keys. */
export function listBelow(names: readonly string[], prefix: string): Branch[] {
  const folders = new Map<string, number>();
  const keys: Branch[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const rest = name.slice(prefix.length);
    const slash = rest.indexOf("/");
    if (slash < 0) {
      keys.push({ name: rest || "(empty name)", path: name, folder: false, count: 1 });
      continue;
    }
    const folder = rest.slice(0, slash);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const branches = [...folders].map(([name, count]) => ({ name: name || "(empty name)", path: `${prefix}${name}/`, folder: true, count }));
  return [...branches, ...keys];
}

/** Return the folders that hold a key: "a/b/c" is in "a/" and "a/b/". */
export function foldersOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`);
}

/** Whether the platform writes a key: what users put there is put right again. */
export const isPlatform = (name: string): boolean => name.startsWith("apps/");

/** Return a value's bytes. */
export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));

/** Return bytes as text; none when they are no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Return bytes in hexadecimal, sixteen a line with what can be read of them. */
export function hexOf(bytes: Uint8Array, limit = 4096): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, limit); at += 16) {
    const part = [...bytes.slice(at, Math.min(at + 16, limit))];
    const hex = part.map((each) => each.toString(16).padStart(2, "0")).join(" ");
    const read = part.map((each) => (each >= 32 && each < 127 ? String.fromCharCode(each) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${read}`);
  }
  return lines.join("\n");
}

/** Return what is wrong with a text that looks like JSON; "" for everything else. */
export function jsonFault(text: string): string {
  if (!/^\s*[[{]/.test(text)) return "";
  try {
    JSON.parse(text);
    return "";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : "It cannot be read.";
  }
}
