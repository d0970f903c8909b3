// Dashboard: does anything need me?

import { useNavigate } from "@tanstack/react-router";
import { useDerived, useLoaded } from "@/live/hooks";
import type { Pool } from "@/live/records";
import { Berths } from "@/parts/berths";
import { Button } from "@/parts/button";
import { Empty } from "@/parts/empty";
import { State } from "@/parts/glyph";
import { LinkButton } from "@/parts/link-button";
import { MatterList } from "@/parts/matter-list";
import { Meter } from "@/parts/meter";
import { Page, Panel } from "@/parts/page";
import { keepPool, Ref } from "@/parts/ref";
import { usePool } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { isOpen, TaskBar } from "@/parts/task-bar";
import { DEPLOYMENT_LABEL, DEPLOYMENT_SHAPE } from "@/state/deployment-word";
import { groupMatters } from "@/state/matters";
import { compareNames } from "@/state/order";
import { formatCount, plural } from "@/state/words";
import css from "./dashboard-page.module.css";
import { type Summary, summarize } from "./summary";

const SHOWN = 12;

export function DashboardPage() {
  const pool = usePool();
  const loaded = useLoaded("deployment", "container", "host", "status");
  const summary = useDerived(["deployment", "container", "slot"], (store) => summarize(store, pool), [pool]);
  const matters = useDerived(["status"], (store) => groupMatters(store.all("status").values()), [], 2);
  if (!loaded) return <Skeleton rows={10} />;
  return (
    <Page title={sentence(summary)} name="Dashboard" acts={<><LinkButton to="/hosts/add">Add host</LinkButton><LinkButton to="/deploy" look="main">Deploy</LinkButton></>}>
      <div className={css.columns}>
        <Panel title="Needs attention">
          {matters.length === 0 ? <Empty title="Everything is in order">Warnings and errors appear here, grouped by their cause.</Empty> : <MatterList matters={matters.slice(0, SHOWN)} />}
        </Panel>
        <div className={css.side}>
          <Pools pool={pool} />
          <UnderWay />
        </div>
      </div>
      <Deployments summary={summary} />
    </Page>
  );
}

function sentence({ total, sick }: Summary): string {
  if (total === 0) return "Nothing is deployed yet";
  if (sick.length === 0 && total === 1) return "The one deployment runs as wanted";
  if (sick.length === 0) return `All ${plural(total, "deployment")} run as wanted`;
  return `${formatCount(sick.length)} of ${plural(total, "deployment")} ${sick.length === 1 ? "needs" : "need"} you`;
}

function Pools({ pool }: { pool: string }) {
  const pools = useDerived(["pool"], (store) => [...store.all("pool").values()].filter((each) => !pool || each.id === pool).sort((a, b) => compareNames(a.name, b.name)), [pool], 1);
  return (
    <Panel title="Pools">
      <table className={css.pools}>
        <thead>
          <tr><th>Pool</th><th className={css.end}>Hosts</th><th className={css.end}>Containers</th><th>CPU</th><th>Memory</th></tr>
        </thead>
        <tbody>
          {pools.map((each) => <PoolRow key={each.id} pool={each} />)}
        </tbody>
      </table>
    </Panel>
  );
}

function PoolRow({ pool }: { pool: Pool }) {
  const count = useDerived(["container"], (store) => store.containersOf("pool", pool.id).size, [pool.id], 1);
  const away = pool.active_hosts < pool.total_hosts;
  return (
    <tr>
      <td>{pool.name}</td>
      <td className={`${css.end} ${away ? css.away : ""}`}>{away ? `${formatCount(pool.active_hosts)} of ${formatCount(pool.total_hosts)}` : formatCount(pool.total_hosts)}</td>
      <td className={css.end}>{formatCount(count)}</td>
      <td className={css.meter}><Meter label="CPU" percent={pool.resources.cpu_percent} /></td>
      <td className={css.meter}><Meter label="Memory" percent={pool.resources.memory_percent} /></td>
    </tr>
  );
}

function UnderWay() {
  const tasks = useDerived(["task"], (store) => [...store.all("task").values()].filter(isOpen), []);
  if (tasks.length === 0) return null;
  return <Panel title="Under way">{tasks.slice(0, SHOWN).map((task) => <TaskBar key={task.ID} task={task} />)}</Panel>;
}

function Deployments({ summary }: { summary: Summary }) {
  const navigate = useNavigate();
  if (summary.total === 0) return null;
  const shown = [...summary.sick, ...summary.well].slice(0, SHOWN);
  return (
    <Panel
      title="Deployments"
      acts={<Button look="quiet" onClick={() => void navigate({ to: "/deployments", search: keepPool as never })}>Show all {formatCount(summary.total)}</Button>}
    >
      <ul>
        {shown.map((each) => (
          <li key={each.id} className={css.deployment}>
            <Ref kind="deployment" id={each.id} className="mono">{each.name}</Ref>
            <span className={css.pool}>{each.pool}</span>
            <span className={css.end}>{each.filled} of {each.total}</span>
            <Berths conditions={each.conditions} />
            <span className={css.word}><State condition={DEPLOYMENT_SHAPE[each.word]} word={DEPLOYMENT_LABEL[each.word]} /></span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
