// Generations: what the deployment was, who changed it, how two of them differ, and the way back.

import { useState } from "react";
import { act } from "@/api/act";
import { client } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import type { Deployment, Records } from "@/live/records";
import { Ago } from "@/parts/ago";
import { Button } from "@/parts/button";
import { Checkbox } from "@/parts/checkbox";
import { Chip } from "@/parts/chip";
import { Confirm } from "@/parts/confirm";
import { Digest } from "@/parts/digest";
import { Diff } from "@/parts/editor/diff";
import { Glyph } from "@/parts/glyph";
import { Panel } from "@/parts/page";
import { PlanPart } from "@/parts/plan/plan-view";
import { usePlan } from "@/parts/plan/use-plan";
import { ProblemBox } from "@/parts/problem-box";
import { usePageSearch } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import type { Condition } from "@/state/condition";
import { chooseTwo } from "./generation-choice";
import css from "./generations-tab.module.css";
import { useGenerations } from "./queries";

type Generation = Records["generation"];

const OUTCOMES: Record<string, [shape: Condition, word: string]> = {
  "": ["starts", "Under way"],
  done: ["well", "Done"],
  failed: ["ill", "Failed"],
  superseded: ["off", "Superseded"],
};

export function GenerationsTab({ deployment }: { deployment: Deployment }) {
  const { data, error, refetch } = useGenerations(deployment.deployment_id);
  const [search, change] = usePageSearch({ from: 0, to: 0 });
  const [returning, setReturning] = useState<Generation>();
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const newest = data[0]?.generation ?? 0;
  const to = data.find((each) => each.generation === (search.to || newest));
  const from = data.find((each) => each.generation === (search.from || data[1]?.generation));
  return (
    <>
      <Panel>
        <ol>
          {data.map((each) => (
            <Row
              key={each.generation}
              generation={each}
              current={each.generation === deployment.generation}
              chosen={each === from || each === to}
              onChoose={() => change(chooseTwo(each.generation, from?.generation ?? 0, to?.generation ?? 0))}
              onReturn={() => setReturning(each)}
            />
          ))}
        </ol>
        {data.length === 1 && <p className={css.note}>Changes of the text add rows.</p>}
      </Panel>
      {from && to && from !== to && (
        <section className={css.diff}>
          <Diff before={from.content} after={to.content} beforeLabel={`Generation ${from.generation}`} afterLabel={`Generation ${to.generation}`} />
        </section>
      )}
      {returning && <Return deployment={deployment} generation={returning} onClose={() => setReturning(undefined)} />}
    </>
  );
}

interface RowProps {
  generation: Generation;
  current: boolean;
  chosen: boolean;
  onChoose: () => void;
  onReturn: () => void;
}

function Row({ generation, current, chosen, onChoose, onReturn }: RowProps) {
  const online = useOnline();
  const [shape, word] = OUTCOMES[generation.outcome] ?? ["unknown", generation.outcome];
  const slots = Object.entries(generation.quantities).map(([service, count]) => `${service} ${count}`);
  return (
    <li className={css.row}>
      <Checkbox label={`Compare generation ${generation.generation}`} checked={chosen} onChange={onChoose} />
      <strong className={css.number}>{generation.generation}</strong>
      <span className={css.outcome}>
        <Glyph condition={shape} /> {word}
      </span>
      <span className={css.slots}>
        <span>{slots.join(", ")}</span>
        <Digests digests={generation.image_digests} />
      </span>
      <span className="muted">
        <Ago at={generation.created_on} /> by {generation.created_by}
      </span>
      <span className={css.act}>
        {current ? <Chip>Current</Chip> : <Button reason={online ? undefined : "Offline"} onClick={onReturn}>Return to this</Button>}
      </span>
    </li>
  );
}

/** What each service's tag meant when the generation was rolled out. */
function Digests({ digests }: { digests: Generation["image_digests"] }) {
  return Object.entries(digests).map(([service, digest]) => (
    <span key={service} className={css.digest}>{service} <Digest digest={digest} /></span>
  ));
}

interface ReturnProps {
  deployment: Deployment;
  generation: Generation;
  onClose: () => void;
}

function Return({ deployment, generation, onClose }: ReturnProps) {
  const { deployment_id: id, deployment_name: name } = deployment;
  const planning = usePlan(`return ${id}`, { generation: generation.generation }, (body, signal) =>
    client.POST("/api/v2/deployments/{deployment_id}/rollback", {
      params: { path: { deployment_id: id }, query: { dry_run: "full" } },
      body,
      signal,
    }),
  );
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Return ${name} to generation ${generation.generation}?`}
      verb={`Return to generation ${generation.generation}`}
      onConfirm={() =>
        act({ kind: "deployment", id, name }, "Rolling back", (headers) =>
          client.POST("/api/v2/deployments/{deployment_id}/rollback", {
            params: { path: { deployment_id: id } },
            headers,
            body: { generation: generation.generation },
          }),
        )
      }
    >
      <p>
        Text and quantities become those of generation {generation.generation}, as a new generation. Containers that differ are
        replaced by the deployment’s update policy.
      </p>
      <div className={css.plan}>
        <PlanPart planning={planning} />
      </div>
    </Confirm>
  );
}
