// A program in a container over a WebSocket: bytes both ways, its size, how it ended.

import { type ProblemItem, Problem } from "@/api/problem";

/** First byte of a binary frame. */
const INPUT = 0;

export interface ExecHandlers {
  onOpen: () => void;
  onOutput: (bytes: Uint8Array) => void;
  /** Ended with a code, or with null when that is not known. */
  onExit: (code: number | null) => void;
  onProblem: (problem: Problem) => void;
}

export interface ExecOptions {
  containerId: string;
  command: readonly string[];
  user: string;
}

/** Finds a shell: bash where there is one, else sh. */
export const FIND_SHELL: readonly string[] = ["sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash || exec sh"];

export class ExecSocket {
  private readonly socket: WebSocket;
  private over = false;

  constructor(options: ExecOptions, handlers: ExecHandlers) {
    const query = new URLSearchParams({ tty: "true" });
    for (const word of options.command) query.append("command", word);
    if (options.user) query.set("user", options.user);
    query.append("env", "TERM=xterm-256color");
    const path = `/api/v2/containers/${options.containerId}/exec?${query}`;
    this.socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")), "berth.exec");
    this.socket.binaryType = "arraybuffer";
    let opened = false;
    this.socket.onopen = () => {
      opened = true;
      handlers.onOpen();
    };
    this.socket.onmessage = (message: MessageEvent<ArrayBuffer | string>) => {
      if (typeof message.data !== "string") handlers.onOutput(new Uint8Array(message.data, 1));
      else this.hearText(message.data, handlers);
    };
    this.socket.onclose = () => {
      if (this.over) return;
      this.over = true;
      handlers.onProblem(opened ? LOST : NOT_OPENED);
    };
  }

  /** Send what was typed. */
  send(bytes: Uint8Array): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    const frame = new Uint8Array(bytes.length + 1);
    frame[0] = INPUT;
    frame.set(bytes, 1);
    this.socket.send(frame);
  }

  resize(rows: number, cols: number): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ resize: { rows, cols } }));
  }

  /** Leave the program; nothing more is told. */
  close(): void {
    this.over = true;
    this.socket.close();
  }

  private hearText(text: string, handlers: ExecHandlers): void {
    const message = JSON.parse(text) as { exit_code?: number | null; errors?: ProblemItem[] };
    this.over = true;
    if (message.errors) handlers.onProblem(new Problem(409, message.errors));
    else handlers.onExit(message.exit_code ?? null);
  }
}

const LOST = new Problem(0, [{ code: "unreachable", message: "The connection was lost; the program may run on." }]);

const NOT_OPENED = new Problem(0, [
  { code: "websocket_needed", message: "The terminal could not be opened: the container has ended, or a proxy does not pass WebSockets." },
]);
