// Terminals in a container: several as tabs; closing one that runs asks first.

import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import type { Container } from "@/live/records";
import { Button, IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Field, Input } from "@/parts/field";
import { Popover } from "@/parts/popover";
import { Terminal } from "@/parts/terminal/terminal";
import css from "./terminal-tab.module.css";

interface Session {
  number: number;
  command: string;
  user: string;
}

export function TerminalTab({ container }: { container: Container }) {
  const count = useRef(1);
  const [sessions, setSessions] = useState<Session[]>([{ number: 1, command: "", user: "" }]);
  const [current, setCurrent] = useState(1);
  const [running, setRunning] = useState<ReadonlySet<number>>(new Set());
  const [closing, setClosing] = useState<number>();
  const open = (command: string, user: string) => {
    count.current += 1;
    const number = count.current;
    setSessions((before) => [...before, { number, command, user }]);
    setCurrent(number);
  };
  const close = (number: number) => {
    const left = sessions.filter((session) => session.number !== number);
    setSessions(left);
    if (current === number) setCurrent(left.at(-1)?.number ?? 0);
  };
  const mark = (number: number, on: boolean) =>
    setRunning((before) => {
      const after = new Set(before);
      if (on) after.add(number);
      else after.delete(number);
      return after;
    });
  return (
    <div className={css.terminals}>
      <div className={css.bar} role="tablist" aria-label="Terminals">
        {sessions.map(({ number, command }) => (
          <span key={number} className={`${css.tab} ${number === current ? css.current : ""}`}>
            <button type="button" role="tab" aria-selected={number === current} onClick={() => setCurrent(number)}>
              {command || "Shell"} {number}
            </button>
            <IconButton
              label={`Close terminal ${number}`}
              icon={<X size={14} strokeWidth={1.75} />}
              onClick={() => (running.has(number) ? setClosing(number) : close(number))}
            />
          </span>
        ))}
        <NewTerminal onOpen={open} />
      </div>
      {sessions.map((session) => (
        <div key={session.number} className={session.number === current ? css.shown : css.hidden}>
          <Terminal
            containerId={container.container_id}
            command={session.command}
            user={session.user}
            shown={session.number === current}
            onRunning={(on) => mark(session.number, on)}
          />
        </div>
      ))}
      <Confirm
        open={closing !== undefined}
        onClose={() => setClosing(undefined)}
        title="Close this terminal?"
        verb="Close terminal"
        onConfirm={async () => {
          if (closing !== undefined) close(closing);
        }}
      >
        <p>Its program gets an interrupt, and its input ends.</p>
      </Confirm>
    </div>
  );
}

function NewTerminal({ onOpen }: { onOpen: (command: string, user: string) => void }) {
  const [open, setOpen] = useState(false);
  const [command, setCommand] = useState("");
  const [user, setUser] = useState("");
  return (
    <Popover
      title="New terminal"
      align="start"
      open={open}
      onOpenChange={setOpen}
      trigger={<IconButton label="New terminal" icon={<Plus size={16} strokeWidth={1.75} />} />}
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          onOpen(command.trim(), user.trim());
          setOpen(false);
        }}
      >
        <Field label="Command" note="Empty finds a shell">
          <Input value={command} onChange={(event) => setCommand(event.target.value)} placeholder="bash, else sh" />
        </Field>
        <Field label="User" note="Empty is the user of the image">
          <Input value={user} onChange={(event) => setUser(event.target.value)} placeholder="root" />
        </Field>
        <Button type="submit" look="main">Open</Button>
      </form>
    </Popover>
  );
}
