// Change a deployment: what will be replaced, where, and what will not fit?

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { act } from "@/api/act";
import { call, client } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useLoaded, useRecord } from "@/live/hooks";
import type { Deployment } from "@/live/records";
import { Button } from "@/parts/button";
import { useDraft } from "@/parts/draft";
import { Empty } from "@/parts/empty";
import { LinkButton } from "@/parts/link-button";
import { Page, Panel } from "@/parts/page";
import { usePlan } from "@/parts/plan/use-plan";
import { ProblemBox } from "@/parts/problem-box";
import { addressOf, keepPool } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import { type DeployDraft, type DeploymentBody, describeAct, describeChange, EMPTY, isOvertaken, wrongLines } from "./deploy-body";
import { DeployFields } from "./deploy-fields";
import css from "./deploy.module.css";
import { PlanPanel } from "./plan-panel";
import { TextPanel } from "./text-panel";
import { useApply, useLastServices } from "./use-apply";

export function ChangePage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const loaded = useLoaded("deployment", "pool");
  const deployment = useRecord("deployment", id);
  const { data: text, error, refetch } = useQuery({
    queryKey: ["text-to-change", id, deployment?.generation],
    enabled: deployment !== undefined,
    placeholderData: (before) => before,
    queryFn: async () => {
      const answer = await call(client.GET("/api/v2/deployments/{deployment_id}", { params: { path: { deployment_id: id } } }));
      return answer.deployment.stack.content ?? "";
    },
  });
  if (loaded && !deployment) return <Empty title={`There is no deployment “${id}”`}>It was removed, or never existed.</Empty>;
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!deployment || text === undefined) return <Skeleton />;
  return <ChangeForm key={id} deployment={deployment} text={text} />;
}

function ChangeForm({ deployment, text }: { deployment: Deployment; text: string }) {
  const { deployment_id: id, deployment_name: name } = deployment;
  const navigate = useNavigate();
  const [draft, change, forget] = useDraft<DeployDraft>(`change.${id}`, EMPTY);
  const params = { path: { deployment_id: id } };
  const body = describeChange(draft, deployment, text);
  const stopped = deployment.desired_state === 0;
  const planning = usePlan<DeploymentBody>(id, stopped ? { ...body, desired_state: 1 } : body, (asked, signal) =>
    client.PUT("/api/v2/deployments/{deployment_id}", { params: { ...params, query: { dry_run: "full" } }, body: asked, signal }),
  );
  const services = useLastServices(planning);
  const differs = Object.keys(body).length > 0;
  const applying = useApply(planning, differs, "Nothing is changed yet", async () => {
    await act({ kind: "deployment", id, name }, "Changing", (headers) =>
      client.PUT("/api/v2/deployments/{deployment_id}", { params, headers, body }),
    );
    forget();
    await navigate({ to: addressOf("deployment", id), search: keepPool as never });
  });
  const shown = { name, pool: deployment.placement.pool_id, text, ...draft };
  return (
    <Page
      title={`Change ${name}`}
      name={`Change ${name}`}
      note={`Generation ${deployment.generation}${stopped ? ", stopped" : ""}`}
      acts={
        <>
          {differs && (
            <Button look="quiet" onClick={forget}>
              Reset
            </Button>
          )}
          <LinkButton to={addressOf("deployment", id)}>Cancel</LinkButton>
          <Button look="main" reason={applying.reason} onClick={applying.apply}>
            {describeAct("Apply", planning.plan, differs && !stopped)}
          </Button>
        </>
      }
    >
      {applying.problem && <ProblemBox title={`Change ${name}`} problem={applying.problem} onDismiss={applying.dismiss} />}
      {isOvertaken(draft, text) && <Overtaken onDrop={() => change({ text: undefined, base: undefined })} onKeep={() => change({ base: text })} />}
      <div className={css.columns}>
        <div className={css.side}>
          <Panel>
            <DeployFields
              draft={draft}
              onChange={change}
              name={shown.name}
              pool={shown.pool}
              services={services}
            />
          </Panel>
          <TextPanel
            text={shown.text ?? text}
            before={text}
            beforeLabel={`Generation ${deployment.generation}`}
            wrong={wrongLines(planning.problem)}
            onChange={(written) => change({ text: written, base: draft.base ?? text })}
            onReset={() => change({ text: undefined, base: undefined })}
          />
        </div>
        <PlanPanel
          planning={planning}
          none="What the change would do appears here."
          note={stopped ? "The deployment is stopped: this is what starting it would do." : undefined}
        />
      </div>
    </Page>
  );
}

/** Somebody else changed the text while it was written here. */
function Overtaken({ onDrop, onKeep }: { onDrop: () => void; onKeep: () => void }) {
  return (
    <Panel title="The text was changed meanwhile">
      <div className={css.inPanel}>
        <p>
          Yours began with an earlier one. Compare them below: applying yours takes the other change back.
        </p>
        <p className={css.choice}>
          <Button onClick={onDrop}>Take the new text</Button>
          <Button onClick={onKeep}>Keep mine</Button>
        </p>
      </div>
    </Panel>
  );
}
