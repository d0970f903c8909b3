// A terminal in a container.

import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal as Xterm } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef, useState } from "react";
import type { Problem } from "@/api/problem";
import { Button } from "../button";
import { useNarrow } from "../layout";
import { ProblemBox } from "../problem-box";
import { ExecSocket, FIND_SHELL } from "./exec-socket";
import css from "./terminal.module.css";
import { KeyRow } from "./key-row";
import { themeOf } from "./terminal-theme";

interface TerminalProps {
  containerId: string;
  /** A shell line; "" finds a shell. */
  command: string;
  user: string;
  shown: boolean;
  onRunning: (on: boolean) => void;
}

export function Terminal({ containerId, command, user, shown, onRunning }: TerminalProps) {
  const place = useRef<HTMLDivElement>(null);
  const type = useRef<(text: string) => void>(() => undefined);
  const narrow = useNarrow();
  const [tries, setTries] = useState(0);
  const [ended, setEnded] = useState<{ code?: number | null; problem?: Problem }>();
  const running = useRef(onRunning);
  running.current = onRunning;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    setEnded(undefined);
    const view = openView(element);
    const end = (how: { code?: number | null; problem?: Problem }) => {
      running.current(false);
      setEnded(how);
    };
    const words = command ? ["sh", "-c", command] : FIND_SHELL;
    const socket = new ExecSocket(
      { containerId, command: words, user },
      {
        onOpen: () => {
          running.current(true);
          socket.resize(view.xterm.rows, view.xterm.cols);
          view.xterm.focus();
        },
        onOutput: (bytes) => view.xterm.write(bytes),
        onExit: (code) => end({ code }),
        onProblem: (problem) => end({ problem }),
      },
    );
    const encoder = new TextEncoder();
    type.current = (text) => socket.send(encoder.encode(text));
    view.xterm.onData((text) => type.current(text));
    view.xterm.onResize(({ rows, cols }) => socket.resize(rows, cols));
    return () => {
      running.current(false);
      socket.close();
      view.dispose();
    };
  }, [containerId, command, user, tries]);
  useEffect(() => {
    if (shown) place.current?.querySelector("textarea")?.focus();
  }, [shown]);
  return (
    <div className={css.terminal}>
      <div ref={place} className={css.screen} />
      {narrow && <KeyRow onKey={(text) => type.current(text)} />}
      {ended?.problem && <ProblemBox problem={ended.problem} onRetry={() => setTries(tries + 1)} />}
      {ended?.problem?.code === "websocket_needed" && <ProxyHint />}
      {ended && !ended.problem && (
        <div className={css.ended}>
          <span>The program ended{typeof ended.code === "number" ? ` with code ${ended.code}` : ""}.</span>
          <Button onClick={() => setTries(tries + 1)}>Open again</Button>
        </div>
      )}
    </div>
  );
}

/** Put a terminal into its place; it fits itself to it, copies what is selected, and follows the theme. */
function openView(element: HTMLElement): { xterm: Xterm; dispose: () => void } {
  const xterm = new Xterm({
    fontFamily: '"Atkinson Hyperlegible Mono", ui-monospace, monospace',
    fontSize: 13,
    lineHeight: 1.25,
    cursorBlink: true,
    scrollback: 10_000,
    screenReaderMode: true,
    theme: themeOf(),
  });
  const fit = new FitAddon();
  xterm.loadAddon(fit);
  xterm.loadAddon(new WebLinksAddon((_, address) => void window.open(address, "_blank", "noopener")));
  xterm.open(element);
  fit.fit();
  xterm.onSelectionChange(() => {
    const text = xterm.getSelection();
    if (text) void navigator.clipboard.writeText(text).catch(() => undefined);
  });
  const sizes = new ResizeObserver(() => element.clientWidth > 0 && fit.fit());
  sizes.observe(element);
  const themes = new MutationObserver(() => {
    xterm.options.theme = themeOf();
  });
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return {
    xterm,
    dispose: () => {
      sizes.disconnect();
      themes.disconnect();
      xterm.dispose();
    },
  };
}

function ProxyHint() {
  return (
    <details className={css.hint}>
      <summary>With nginx in between, these lines pass WebSockets on</summary>
      <pre>{"proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"}</pre>
    </details>
  );
}
