// Where a definition is written: the text or its command at the left, what is said about it at the right.

import { type ReactNode, useMemo, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { Button } from "@/parts/button";
import { TextEditor } from "@/parts/editor/text-editor";
import { ProblemBox } from "@/parts/problem-box";
import { CommandTab } from "./command-tab";
import { Findings, type GoTo } from "./findings";
import { type Checked, convert, isCommand, marksOf, type useChecked } from "./language";
import css from "./workbench.module.css";

interface WorkbenchProps {
  tab: string;
  text: string;
  /** Another number is another text, not a change of this one. */
  begun: number;
  label: string;
  checking: ReturnType<typeof useChecked>;
  onChange: (text: string) => void;
  /** What stands above the text: a draft, a change by somebody else. */
  notice?: ReactNode;
  /** What stands below the findings. */
  children?: ReactNode;
}

export function Workbench({ tab, text, begun, label, checking, onChange, notice, children }: WorkbenchProps) {
  const [place, setPlace] = useState<Parameters<GoTo>[0]>();
  const [ofCommand, setOfCommand] = useState<Checked>();
  const checked = text.trim() ? checking.data : undefined;
  const marks = useMemo(() => marksOf(checked), [checked]);
  const writesCommand = tab === "docker-run";
  return (
    <div className={css.workbench}>
      <section className={css.editor}>
        {notice}
        {!writesCommand && isCommand(text) && <CommandNotice text={text} onChange={onChange} />}
        {writesCommand ? (
          <CommandTab key={begun} text={text} onChange={onChange} onChecked={setOfCommand} />
        ) : (
          <TextEditor text={text} label={label} marks={marks} place={place} hint={HINT} onChange={onChange} />
        )}
      </section>
      <aside className={css.side} aria-label="What is said about the text">
        {writesCommand ? (
          <Findings checked={ofCommand ?? checked} error={checking.error} />
        ) : (
          <Findings checked={checked} error={checking.error} onGo={setPlace} />
        )}
        {children}
      </aside>
    </div>
  );
}

const HINT = "services:\n  web:\n    image: nginx:1.29\n\nWrite YAML, or paste a compose file or a docker run command.";

/** A line above the text, with buttons. */
export function Notice({ children, acts }: { children: ReactNode; acts: ReactNode }) {
  return (
    <div className={css.notice} role="status">
      <span>{children}</span>
      {acts}
    </div>
  );
}

function CommandNotice({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [problem, setProblem] = useState<Problem>();
  const rewrite = async () => {
    setProblem(undefined);
    try {
      const { forms } = await convert({ content: text });
      if (forms) onChange(forms.yaml);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  if (problem) return <ProblemBox problem={problem} onRetry={() => void rewrite()} />;
  return <Notice acts={<Button onClick={() => void rewrite()}>Write it as YAML</Button>}>This is a docker run command.</Notice>;
}
