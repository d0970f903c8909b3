// A service as a docker run command: what is changed there is written into the text, which keeps its comments.

import { useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { TextEditor } from "@/parts/editor/text-editor";
import { Empty } from "@/parts/empty";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { plural } from "@/state/words";
import { takeOver } from "./command-edit";
import { type Checked, convert, type FormService, marksOf, useSettled } from "./language";

interface CommandTabProps {
  /** The definition's text. */
  text: string;
  onChange: (text: string) => void;
  /** What is said about the command is shown beside it. */
  onChecked: (checked: Checked | undefined) => void;
}

/** The text as it was when the tab opened, and what its command says of it. */
interface Start {
  text: string;
  command: string;
  service?: FormService;
  /** The service as its own command says it. */
  told?: FormService;
}

type Opened = { start: Start } | { reason: string } | { problem: Problem };

export function CommandTab({ text, onChange, onChecked }: CommandTabProps) {
  const opening = useRef(text);
  const [opened, setOpened] = useState<Opened>();
  useEffect(() => {
    let current = true;
    openText(opening.current)
      .then((found) => current && setOpened(found))
      .catch((thrown: unknown) => current && setOpened({ problem: asProblem(thrown) }));
    return () => {
      current = false;
    };
  }, []);
  useEffect(() => () => onChecked(undefined), [onChecked]);
  if (!opened) return <Skeleton rows={3} />;
  if ("problem" in opened) return <ProblemBox title="The command cannot be written" problem={opened.problem} />;
  if ("reason" in opened) return <Empty title="There is no command for this text">{opened.reason}</Empty>;
  return <CommandEditor start={opened.start} onChange={onChange} onChecked={onChecked} />;
}

async function openText(text: string): Promise<Opened> {
  if (!text.trim()) return { start: { text: "", command: "" } };
  const { forms } = await convert({ content: text });
  if (!forms) return { reason: "Errors exist in the configuration. Correct them in the YAML first." };
  if (forms.command === undefined) {
    return { reason: `A docker run command describes one service, and this text has ${plural(forms.services.length, "service")}.` };
  }
  const { command } = forms;
  const told = (await convert({ content: command, form: "docker_run" })).forms?.services[0];
  return { start: { text, command, service: forms.services[0], told } };
}

function CommandEditor({ start, onChange, onChecked }: Omit<CommandTabProps, "text"> & { start: Start }) {
  const [command, setCommand] = useState(start.command);
  const [checked, setChecked] = useState<Checked>();
  const [problem, setProblem] = useState<Problem>();
  const settled = useSettled(command);
  const latest = useRef({ onChange, onChecked });
  latest.current = { onChange, onChecked };
  const written = useRef(start.command);
  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    let current = true;
    write(start, settled)
      .then((outcome) => {
        if (!current) return;
        setProblem(undefined);
        setChecked(outcome.checked);
        latest.current.onChecked(outcome.checked);
        if (outcome.text !== undefined) latest.current.onChange(outcome.text);
      })
      .catch((thrown: unknown) => current && setProblem(asProblem(thrown)));
    return () => {
      current = false;
    };
  }, [settled, start]);
  const marks = useRef<{ of?: Checked; marks: ReturnType<typeof marksOf> }>({ marks: [] });
  if (marks.current.of !== checked) marks.current = { of: checked, marks: marksOf(checked) };
  return (
    <>
      {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
      <TextEditor
        text={command}
        label="Docker run command"
        language="command"
        hint="docker run -d -p 80:80 nginx:1.29"
        marks={marks.current.marks}
        onChange={setCommand}
      />
    </>
  );
}

/** Return what is said about a command, and the text with what it changes; no text where it is invalid. */
async function write(start: Start, command: string): Promise<{ checked?: Checked; text?: string }> {
  if (command === start.command) return { text: start.text };
  if (!command.trim()) return {};
  const { checked, forms } = await convert({ content: command, form: "docker_run" });
  const { service, told } = start;
  if (!forms || !service || !told) return { checked, text: forms?.yaml };
  const after = forms.services[0] ?? service;
  const edited = await convert({ content: start.text, services: [takeOver(service, told, after)] });
  return { checked: edited.forms ? checked : edited.checked, text: edited.forms?.yaml };
}
