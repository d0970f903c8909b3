// One WebSocket for the whole tab: the watch is channel 0, logs and figures are numbered channels.

import { settle, settleTask } from "@/api/asked";
import { Backoff } from "./backoff";
import { type ChannelHandlers, Channels, type Incoming } from "./channels";
import { WATCHED } from "./lists";
import type { Kind, Records } from "./records";
import type { Store } from "./store";

export type LinkState = "connecting" | "live" | "quiet" | "offline";

/** What the live indicator shows. */
export interface LinkInfo {
  state: LinkState;
  /** Since when this state lasts, in milliseconds. */
  since: number;
  revision: string;
  /** Changes that came in the last ten seconds, by second. */
  perSecond: number;
  /** Changes told since the last reconnection, which happened while away. */
  missed: number;
}

interface Change {
  kind: Kind;
  id: string;
  type: "put" | "drop";
  object: Records[Kind] | null;
}

/** Silence after which the link is told to be quiet; the manager breaks silences every 15 s. */
const QUIET_MS = 20_000;
/** Silence after which the socket is given up. */
const DEAD_MS = 45_000;

interface Parts {
  store: Store;
  readLists: (store: Store, signal: AbortSignal) => Promise<void>;
  openSocket: (path: string) => WebSocket;
  onUnauthorized: () => Promise<void>;
}

export class Link {
  private info: LinkInfo = { state: "connecting", since: Date.now(), revision: "", perSecond: 0, missed: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly channels = new Channels((text) => this.send(text));
  private readonly backoff = new Backoff(() => this.connect());
  private socket: WebSocket | undefined;
  private reading: AbortController | undefined;
  /** Changes that came while the lists were read; none when they are applied at once. */
  private held: Change[] | undefined;
  private heardAt = 0;
  private recent = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  getInfo = (): LinkInfo => this.info;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Connect, and stay connected until closed. */
  start(): void {
    this.timer = setInterval(() => this.measure(), 1000);
    addEventListener("online", this.connectNow);
    document.addEventListener("visibilitychange", this.onVisible);
    this.connect();
  }

  stop(): void {
    clearInterval(this.timer);
    removeEventListener("online", this.connectNow);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.backoff.stop();
    this.reading?.abort();
    this.socket?.close();
    this.socket = undefined;
    this.change({ state: "offline" });
  }

  /** Follow a stream of the API until the returned function is called; it outlives reconnections. */
  follow(path: string, handlers: ChannelHandlers): () => void {
    return this.channels.open(path, handlers);
  }

  /** Stop waiting for the next try. */
  connectNow = (): void => {
    if (this.info.state === "offline") this.backoff.now();
  };

  private readonly onVisible = (): void => {
    if (document.visibilityState === "visible") this.connectNow();
  };

  private connect(): void {
    const query = new URLSearchParams({ kinds: WATCHED.join(",") });
    if (this.info.revision) query.set("since", this.info.revision);
    if (this.info.state !== "offline") this.change({ state: "connecting" });
    const socket = this.parts.openSocket(`/api/v2/live?${query}`);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => this.channels.reopen();
    socket.onmessage = (message) => this.hear(socket, String(message.data));
    socket.onclose = () => {
      if (this.socket === socket) void this.lose();
    };
  }

  private async lose(): Promise<void> {
    this.socket = undefined;
    this.reading?.abort();
    this.held = undefined;
    this.change({ state: "offline", perSecond: 0 });
    // A socket that is refused does not say why; only an ordinary request does.
    await this.parts.onUnauthorized().catch(() => undefined);
    this.backoff.later();
  }

  private send(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }

  private hear(socket: WebSocket, text: string): void {
    if (this.socket !== socket) return;
    this.heardAt = Date.now();
    const message = JSON.parse(text) as Incoming;
    if (message.in !== 0 && message.end !== 0) {
      this.channels.hear(message, text.length);
      return;
    }
    if (message.end === 0 || message.event === "resync") this.resync();
    else if (message.event === "begin") this.begin(message);
    else this.hearChange(message);
  }

  private begin(message: Incoming): void {
    this.backoff.reset();
    if (!this.info.revision || this.held) void this.readAfresh();
    else this.change({ state: "live", missed: 0 });
    if (message.id) this.info = { ...this.info, revision: message.id };
  }

  private async readAfresh(): Promise<void> {
    this.held ??= [];
    this.reading = new AbortController();
    try {
      await this.parts.readLists(this.parts.store, this.reading.signal);
    } catch {
      this.socket?.close();
      return;
    }
    const held = this.held ?? [];
    this.held = undefined;
    held.forEach((each) => this.apply(each));
    this.change({ state: "live", missed: 0 });
  }

  /** Too much changed to be told one by one: read the lists again, the page stays as it is. */
  private resync(): void {
    this.info = { ...this.info, revision: "" };
    this.socket?.close();
  }

  private hearChange(message: Incoming): void {
    if (message.id) this.info.revision = message.id;
    const change = message.data as Change | undefined;
    if (!change?.kind) return;
    this.recent += 1;
    this.info.missed += 1;
    if (this.held) this.held.push(change);
    else this.apply(change);
  }

  private apply({ kind, id, type, object }: Change): void {
    this.parts.store.put(kind, id, type === "drop" ? null : object);
    settle(kind, id);
    if (kind === "task" && ((object as Records["task"] | null)?.ClosedAt.seconds ?? 1) > 0) settleTask(id);
  }

  private measure(): void {
    const silence = Date.now() - this.heardAt;
    const perSecond = Math.round((this.info.perSecond * 9 + this.recent) / 10);
    const shown = this.recent > 0 && perSecond === 0 ? 1 : perSecond;
    this.recent = 0;
    if (this.socket && silence > DEAD_MS) this.socket.close();
    else if (this.info.state === "live" && silence > QUIET_MS) this.change({ state: "quiet" });
    else if (this.info.state === "quiet" && silence <= QUIET_MS) this.change({ state: "live" });
    if (shown !== this.info.perSecond) this.change({ perSecond: shown });
  }

  private change(part: Partial<LinkInfo>): void {
    const since = part.state && part.state !== this.info.state ? Date.now() : this.info.since;
    this.info = { ...this.info, since, ...part };
    for (const listener of this.listeners) listener();
  }
}
