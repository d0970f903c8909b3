// Beside the text: what is wrong, what has no effect, what Berth makes of it, and where it runs.

import type { ReactNode } from "react";
import { asProblem } from "@/api/problem";
import { useDerived } from "@/live/hooks";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { Severity } from "@/parts/severity";
import type { SeverityName } from "@/state/severity";
import { plural } from "@/state/words";
import { deploymentsOf } from "./definition-rows";
import css from "./findings.module.css";
import type { DefinitionKind } from "./kinds";
import type { Checked, Service } from "./language";

export type GoTo = (place: { line: number; column: number }) => void;

interface FindingsProps {
  checked: Checked | undefined;
  error: unknown;
  /** None where the text is not shown. */
  onGo?: GoTo;
}

export function Findings({ checked, error, onGo }: FindingsProps) {
  if (error) return <ProblemBox title="The text cannot be checked" problem={asProblem(error)} />;
  if (!checked) return null;
  const ignored = checked.report.filter((each) => each.outcome === "ignored");
  const translated = checked.report.filter((each) => each.outcome === "translated");
  return (
    <>
      {checked.errors.length > 0 && (
        <Panel title={plural(checked.errors.length, "error")}>
          <ul className={css.list} aria-live="polite">
            {checked.errors.map((each, index) => (
              <Finding key={index} {...each} name="error" onGo={onGo}>
                {each.message}
              </Finding>
            ))}
          </ul>
        </Panel>
      )}
      {ignored.length > 0 && (
        <Panel title="What has no effect">
          <ul className={css.list}>
            {ignored.map((each, index) => (
              <Finding key={index} line={each.line} column={0} name="warning" onGo={onGo}>
                <code>{each.field}</code> {each.reason}
              </Finding>
            ))}
          </ul>
        </Panel>
      )}
      {checked.valid && (
        <Panel title="What Berth makes of it">
          <ul className={css.list}>
            {Object.values(checked.services).map((service) => (
              <ServiceFacts key={service.key} service={service} />
            ))}
            {translated.map((each, index) => (
              <Finding key={index} line={each.line} column={0} name="info" onGo={onGo}>
                <code>{each.field}</code> {each.reason}
              </Finding>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

interface FindingProps {
  line: number;
  column: number;
  name: SeverityName;
  children: ReactNode;
  onGo?: GoTo;
}

function Finding({ line, column, name, children, onGo }: FindingProps) {
  const content = (
    <>
      <Severity name={name} />
      <span className={css.line}>{line || ""}</span>
      <span className={css.message}>{children}</span>
    </>
  );
  return (
    <li>
      {line > 0 && onGo ? (
        <button type="button" className={css.finding} aria-label={`Go to line ${line}`} onClick={() => onGo({ line, column })}>
          {content}
        </button>
      ) : (
        <span className={css.finding}>{content}</span>
      )}
    </li>
  );
}

function ServiceFacts({ service }: { service: Service }) {
  return (
    <li className={css.service}>
      <code className={css.key}>{service.key}</code>
      <code className={css.image}>{service.container.image}</code>
      <span className="muted">{factsOf(service).join(", ")}</span>
    </li>
  );
}

/** Return in a few words how a service runs. */
function factsOf({ replicas, phase, container, depends_on: needs = [] }: Service): string[] {
  const { ports = [], mounts = [] } = container;
  const published = ports.map((port) => (port.host ? `${port.host}→${port.container}` : `${port.container}`));
  return [
    replicas ? plural(replicas, "slot") : "",
    phase ? `phase ${phase}` : "",
    published.length ? `ports ${published.join(" ")}` : "",
    mounts.length ? plural(mounts.length, "volume") : "",
    needs.length ? `after ${needs.map((each) => each.service).join(" ")}` : "",
  ].filter(Boolean);
}

/** The deployments that came from the definition. */
export function DeployedAs({ kind, id }: { kind: DefinitionKind; id: string }) {
  const deployments = useDerived(["deployment"], (store) => deploymentsOf(store, kind, id), [kind, id]);
  if (!deployments.length) return null;
  return (
    <Panel title="Deployed as">
      <p className={css.note}>Deployments run their own copy: saving does not change them.</p>
      <ul className={css.list}>
        {deployments.map((each) => (
          <li key={each.deployment_id} className={css.deployment}>
            <Ref kind="deployment" id={each.deployment_id} className="mono">
              {each.deployment_name}
            </Ref>
            <span className="muted">
              {each.placement.pool_id}, generation {each.generation}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
