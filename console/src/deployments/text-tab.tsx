// The text that a deployment runs, and how it differs from the definition that it came from.

import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useRecord } from "@/live/hooks";
import type { Definition, Deployment } from "@/live/records";
import { Button } from "@/parts/button";
import { CopyText } from "@/parts/copy-text";
import { Diff } from "@/parts/editor/diff";
import { TextView } from "@/parts/editor/text-view";
import { saveText } from "@/parts/logs/save-log";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import css from "./text-tab.module.css";
import { useText } from "./queries";

export function TextTab({ deployment }: { deployment: Deployment }) {
  const { deployment_id: id, deployment_name: name, stack } = deployment;
  const { data, error, refetch } = useText(id, deployment.generation);
  const kind = stack.subtype === "stack" ? "stack" : "service";
  const definition = useRecord(kind, stack.service_id);
  const [comparing, setComparing] = useState(false);
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const text = data.content ?? "";
  const differs = definition !== undefined && definition.content !== text;
  return (
    <section className={css.panel}>
      <div className={css.bar}>
        <Origin definition={definition} kind={kind} differs={differs} />
        <span className={css.space} />
        {differs && (
          <Button aria-pressed={comparing} onClick={() => setComparing(!comparing)}>
            Compare
          </Button>
        )}
        <Button onClick={() => saveText(`${name}.yml`, text)}>Download</Button>
        <CopyText text={text} label="Copy text" />
      </div>
      {comparing && definition ? (
        <Diff before={definition.content} after={text} beforeLabel={`Definition ${definition.service_name}`} afterLabel={`Deployment ${name}`} />
      ) : (
        <TextView text={text} label={`Text of ${name}`} />
      )}
    </section>
  );
}

interface OriginProps {
  definition: Definition | undefined;
  kind: "stack" | "service";
  differs: boolean;
}

function Origin({ definition, kind, differs }: OriginProps) {
  if (!definition) return <span className="muted">Its definition is not stored</span>;
  return (
    <span className="muted">
      {differs ? "Differs from" : "Same as"}{" "}
      <Ref kind={kind} id={definition.service_id}>
        {definition.service_name}
      </Ref>
    </span>
  );
}
