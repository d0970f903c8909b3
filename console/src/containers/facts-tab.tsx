// A tab of facts from the inspect document: sorted, filterable, with the JSON beside.

import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Container } from "@/live/records";
import { Button } from "@/parts/button";
import { CopyText } from "@/parts/copy-text";
import { Empty } from "@/parts/empty";
import { KeyValue, Secret } from "@/parts/key-value";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import css from "./container-page.module.css";
import { type FactsTab, SECTIONS } from "./facts";
import { isSecretName, useInspect } from "./inspect";

interface FactsTabProps {
  tab: FactsTab;
  container: Container;
}

export function FactsTabView({ tab, container }: FactsTabProps) {
  const { data, error, refetch } = useInspect(container);
  const [filter, setFilter] = useState("");
  const [raw, setRaw] = useState(false);
  if (!container.container_id) return <Panel><Empty title="There is no container yet">Its host has not created it.</Empty></Panel>;
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Panel><Skeleton /></Panel>;
  const { part, sections } = SECTIONS[tab](data, container);
  const json = JSON.stringify(part, null, 2);
  const wanted = filter.toLowerCase();
  return (
    <Panel>
      <div className={css.tools}>
        <input className={css.filter} type="search" placeholder="Filter" aria-label="Filter facts" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <Button aria-pressed={raw} onClick={() => setRaw(!raw)}>JSON</Button>
        <CopyText text={tab === "environment" ? asEnvFile(sections) : json} label={tab === "environment" ? "Copy as .env" : "Copy JSON"} />
      </div>
      {raw && <pre className={css.json}>{json}</pre>}
      {!raw &&
        sections.map((section) => (
          <section key={section.title}>
            {section.title && <h2 className={css.section}>{section.title}</h2>}
            {section.facts.length === 0 && <p className={css.none}>{section.none}</p>}
            <KeyValue
              facts={section.facts
                .filter((fact) => `${fact.name} ${fact.value}`.toLowerCase().includes(wanted))
                .map((fact) => ({ name: fact.name, value: <Value name={fact.name} text={fact.value} secret={tab === "environment"} /> }))}
            />
          </section>
        ))}
    </Panel>
  );
}

function Value({ name, text, secret }: { name: string; text: string; secret: boolean }) {
  if (secret && isSecretName(name)) return <Secret value={text} label={name} />;
  return <code className={css.value}>{text}</code>;
}

function asEnvFile(sections: readonly { facts: readonly { name: string; value: string }[] }[]): string {
  const lines = sections.flatMap((section) => section.facts.map(({ name, value }) => `${name}=${/[\s"'#$]/.test(value) ? JSON.stringify(value) : value}`));
  return `${lines.join("\n")}\n`;
}
