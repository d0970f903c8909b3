// The numbered channels of the live socket: each carries one stream of the API.

/** A frame from the manager. */
export interface Incoming {
  in?: number;
  end?: number;
  id?: string;
  event?: string;
  data?: unknown;
  code?: string;
  message?: string;
}

export interface ChannelHandlers {
  onData: (data: unknown, event: string) => void;
  /** The stream ended, and why; "" when it was complete. */
  onEnd?: (code: string, message: string) => void;
  /** The connection was lost and the stream goes on; what came in between may be missing. */
  onReopen?: () => void;
}

interface Channel {
  path: string;
  handlers: ChannelHandlers;
  lastId: string;
  /** Bytes that came since the manager was told to send more. */
  taken: number;
  /** Whether the manager knows of it. */
  sent: boolean;
}

/** The manager sends at most 64 KiB ahead; it is told to go on after half of that. */
const MORE_BYTES = 32 * 1024;

export class Channels {
  private readonly open_ = new Map<number, Channel>();
  private last = 0;
  private readonly send: (text: string) => boolean;

  constructor(send: (text: string) => boolean) {
    this.send = send;
  }

  /** Open a channel; call what this returns to close it. */
  open(path: string, handlers: ChannelHandlers): () => void {
    this.last += 1;
    const number = this.last;
    const channel: Channel = { path, handlers, lastId: "", taken: 0, sent: false };
    this.open_.set(number, channel);
    this.announce(number, channel);
    return () => {
      if (this.open_.delete(number)) this.send(JSON.stringify({ close: number }));
    };
  }

  /** Open every channel on a new socket, each where it was. */
  reopen(): void {
    for (const [number, channel] of this.open_) {
      if (channel.sent) channel.handlers.onReopen?.();
      this.announce(number, channel);
    }
  }

  /** Hand a frame to its channel. */
  hear(frame: Incoming, bytes: number): void {
    const number = frame.in ?? frame.end ?? -1;
    const channel = this.open_.get(number);
    if (!channel) return;
    if (frame.end === undefined) {
      this.count(number, channel, bytes);
      channel.lastId = frame.id || channel.lastId;
      channel.handlers.onData(frame.data, frame.event ?? "");
      return;
    }
    this.open_.delete(number);
    channel.handlers.onEnd?.(frame.code ?? "", frame.message ?? "");
  }

  /** Count what came, and let the manager go on when half of what it may send is taken. */
  private count(number: number, channel: Channel, bytes: number): void {
    channel.taken += bytes;
    if (channel.taken < MORE_BYTES) return;
    this.send(JSON.stringify({ more: number, bytes: channel.taken }));
    channel.taken = 0;
  }

  private announce(number: number, channel: Channel): void {
    channel.taken = 0;
    const last = channel.lastId ? { last_id: channel.lastId } : {};
    channel.sent = this.send(JSON.stringify({ open: number, path: channel.path, ...last })) || channel.sent;
  }
}
