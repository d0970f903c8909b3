import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Link } from "./link";
import { Store } from "./store";

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 1;
  sent: string[] = [];
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: () => void;
  readonly path: string;
  constructor(path: string) {
    this.path = path;
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
    this.onclose?.();
  }
  hear(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  tell(id: string, state: string, revision = "8") {
    this.hear({ in: 0, id: revision, event: "", data: { kind: "container", id, type: "put", object: { state } } });
  }
}

const last = () => FakeSocket.all.at(-1) as FakeSocket;

/** A link whose lists are read when the test says so. */
function aLink() {
  const store = new Store((run) => run());
  const reads: (() => void)[] = [];
  const link = new Link({
    store,
    readLists: () => new Promise((resolve) => reads.push(resolve)),
    openSocket: (path) => new FakeSocket(path) as unknown as WebSocket,
    onUnauthorized: () => Promise.resolve(),
  });
  const finishRead = async () => {
    reads.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { link, store, reads, finishRead };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("document", { addEventListener: () => undefined, removeEventListener: () => undefined });
  FakeSocket.all = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function aLiveLink() {
  const made = aLink();
  made.link.start();
  last().onopen?.();
  last().hear({ in: 0, id: "7", event: "begin", data: { revision: 7 } });
  await made.finishRead();
  return made;
}

test("changes that come while the lists are read are applied after them", async () => {
  const { link, store, finishRead } = aLink();
  link.start();
  last().hear({ in: 0, id: "7", event: "begin", data: { revision: 7 } });
  last().tell("a", "Running");
  expect([store.get("container", "a"), link.getInfo().state]).toEqual([undefined, "connecting"]);
  await finishRead();
  expect([store.get("container", "a")?.state, link.getInfo().state]).toEqual(["Running", "live"]);
  link.stop();
});

test("a drop forgets the record", async () => {
  const { link, store } = await aLiveLink();
  last().tell("a", "Running");
  last().hear({ in: 0, data: { kind: "container", id: "a", type: "drop", object: null } });
  expect(store.get("container", "a")).toBeUndefined();
  link.stop();
});

test("after a cut it goes on from the last revision without reading the lists again", async () => {
  const { link, reads } = await aLiveLink();
  last().tell("a", "Running", "9");
  last().close();
  expect(link.getInfo().state).toBe("offline");
  await vi.advanceTimersByTimeAsync(1000);
  expect(last().path).toContain("since=9");
  last().hear({ in: 0, id: "9", event: "begin", data: { revision: 9 } });
  expect([link.getInfo().state, reads.length]).toEqual(["live", 0]);
  link.stop();
});

test("a resync reads the lists again and keeps the page as it is meanwhile", async () => {
  const { link, store, finishRead } = await aLiveLink();
  last().tell("a", "Running");
  last().hear({ end: 0, code: "resync", message: "too many" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(last().path).not.toContain("since");
  expect(store.get("container", "a")?.state).toBe("Running");
  last().hear({ in: 0, id: "20", event: "begin", data: { revision: 20 } });
  await finishRead();
  expect(link.getInfo().state).toBe("live");
  link.stop();
});

test("tries become rarer while the manager stays away", async () => {
  const { link } = await aLiveLink();
  for (let tries = 0; tries < 6; tries += 1) {
    last().close();
    await vi.advanceTimersByTimeAsync(10_000);
  }
  const before = FakeSocket.all.length;
  last().close();
  await vi.advanceTimersByTimeAsync(5000);
  expect(FakeSocket.all.length).toBe(before);
  await vi.advanceTimersByTimeAsync(6000);
  expect(FakeSocket.all.length).toBe(before + 1);
  link.stop();
});

test("silence is told after 20 s, and a dead socket is given up after 45 s", async () => {
  const { link } = await aLiveLink();
  await vi.advanceTimersByTimeAsync(22_000);
  expect(link.getInfo().state).toBe("quiet");
  await vi.advanceTimersByTimeAsync(25_000);
  expect(link.getInfo().state).toBe("offline");
  link.stop();
});
