// The command with which a host joins.

export interface JoinOptions {
  manager: string;
  token: string;
  pool: string;
  name: string;
  tags: readonly string[];
}

/** Return the command, one option a line. The token goes by standard input: arguments can be read by every user of the machine. */
export function joinCommand({ manager, token, pool, name, tags }: JoinOptions): string {
  const options: [string, string][] = [
    ["--data", "/var/lib/berth-agent"],
    ["--manager", manager],
    ["--join-file", "-"],
  ];
  if (pool) options.push(["--pool", pool]);
  if (name) options.push(["--name", name]);
  for (const tag of tags) options.push(["--tag", tag]);
  return [`echo ${quote(token)} | berth agent`, ...options.map(([option, value]) => `    ${option} ${quote(value)}`)].join(" \\\n");
}

/** Write a word so that a shell takes it as it is. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether other machines cannot reach an address: it means the machine itself. */
export function isLoopback(address: string): boolean {
  try {
    const { hostname } = new URL(address);
    return hostname === "localhost" || hostname.startsWith("127.") || hostname === "[::1]";
  } catch {
    return false;
  }
}
