import { expect, test } from "vitest";
import { Channels } from "./channels";

function aSocket(isOpen = true) {
  const sent: unknown[] = [];
  const socket = { isOpen };
  const send = (text: string): boolean => socket.isOpen && sent.push(JSON.parse(text)) > 0;
  return { socket, sent, channels: new Channels(send) };
}

test("a channel is opened, heard and closed by its number", () => {
  const { channels, sent } = aSocket();
  const heard: unknown[] = [];
  const close = channels.open("/logs", { onData: (data) => heard.push(data) });
  channels.hear({ in: 1, data: "line" }, 10);
  channels.hear({ in: 2, data: "of somebody else" }, 10);
  close();
  channels.hear({ in: 1, data: "late" }, 10);
  expect(heard).toEqual(["line"]);
  expect(sent).toEqual([{ open: 1, path: "/logs" }, { close: 1 }]);
});

test("a new socket goes on where the last one was", () => {
  const socket = aSocket();
  let reopened = 0;
  socket.channels.open("/logs", { onData: () => undefined, onReopen: () => (reopened += 1) });
  socket.channels.hear({ in: 1, id: "77", data: "line" }, 10);
  socket.channels.reopen();
  expect(socket.sent.at(-1)).toEqual({ open: 1, path: "/logs", last_id: "77" });
  expect(reopened).toBe(1);
});

test("a channel that was opened while away opens with the socket, and missed nothing", () => {
  const { socket, sent, channels } = aSocket(false);
  let reopened = 0;
  channels.open("/logs", { onData: () => undefined, onReopen: () => (reopened += 1) });
  socket.isOpen = true;
  channels.reopen();
  expect([sent, reopened]).toEqual([[{ open: 1, path: "/logs" }], 0]);
});

test("the manager is told to go on after half of what it may send ahead", () => {
  const { channels, sent } = aSocket();
  channels.open("/logs", { onData: () => undefined });
  channels.hear({ in: 1, data: "" }, 20_000);
  expect(sent).toHaveLength(1);
  channels.hear({ in: 1, data: "" }, 20_000);
  expect(sent.at(-1)).toEqual({ more: 1, bytes: 40_000 });
});

test("an ended channel says why and is not opened again", () => {
  const socket = aSocket();
  const ends: string[] = [];
  socket.channels.open("/logs", { onData: () => undefined, onEnd: (code) => ends.push(code) });
  socket.channels.hear({ end: 1, code: "host_inactive", message: "away" }, 10);
  socket.channels.reopen();
  expect([ends, socket.sent.length]).toEqual([["host_inactive"], 1]);
});
