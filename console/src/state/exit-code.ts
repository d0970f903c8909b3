// Exit codes in words.

/** What an exit code means, where it is known. */
export function explainExit(code: number): string {
  if (code === 0) return "ended well";
  if (code === 137) return "killed: out of memory, or by force";
  if (code === 143) return "ended on request (SIGTERM)";
  if (code === 126) return "the command cannot be executed";
  if (code === 127) return "the command was not found";
  return code > 128 && code < 160 ? `ended by signal ${code - 128}` : "ended with an error";
}
