// The frame around every page: navigation, bar, stripes; the login where there is no session.

import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { asProblem, Problem } from "@/api/problem";
import { getSession, loadSession, type Session, subscribeSession } from "@/api/session";
import { useLink } from "@/live/hooks";
import { link } from "@/live/page-link";
import { AgeStripe } from "@/parts/age-stripe";
import { useNow } from "@/parts/ago";
import { useKeys } from "@/parts/keys";
import { useNarrow } from "@/parts/layout";
import { usePreference } from "@/parts/preference";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { Toasts } from "@/parts/toast";
import css from "./app.module.css";
import { KeysDialog } from "./keys-dialog";
import { LoginOver, LoginPage } from "./login";
import { BottomNav, Nav } from "./nav";
import { useGoKeys } from "./go-keys";
import { TopBar } from "./top-bar";
import { useVersion } from "./version";

const Palette = lazy(() => import("./palette").then((module) => ({ default: module.Palette })));

/** Time offline after which the page says so. */
const STRIPE_MS = 3000;

const useSession = (): Session => useSyncExternalStore(subscribeSession, getSession);

export function App() {
  const session = useSession();
  const [problem, setProblem] = useState<Problem>();
  const load = () => {
    setProblem(undefined);
    loadSession().catch((thrown: unknown) => setProblem(asProblem(thrown)));
  };
  useEffect(load, []);
  if (problem) return <Unreachable problem={problem} onRetry={load} />;
  if (session.state === "unknown") return <Skeleton rows={3} onRetry={load} />;
  if (session.state === "out") return <LoginPage />;
  return <Shell session={session} />;
}

function Unreachable({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <main className={css.alone}>
      <ProblemBox title="The console cannot start" problem={problem} onRetry={onRetry} />
    </main>
  );
}

function Shell({ session }: { session: Exclude<Session, { state: "unknown" | "out" }> }) {
  const narrow = useNarrow();
  const version = useVersion();
  const [folded, setFolded] = usePreference("nav", "open");
  const [searching, setSearching] = useState(false);
  const [keys, setKeys] = useState(false);
  useEffect(() => {
    link.start();
    return () => link.stop();
  }, []);
  useGoKeys();
  useKeys([
    { key: "Ctrl+k", label: "Search or run a command", run: () => setSearching(true) },
    { key: "[", label: "Fold the navigation", run: () => setFolded(folded === "open" ? "folded" : "open") },
    { key: "?", label: "Show keyboard shortcuts", run: () => setKeys(true) },
  ]);
  return (
    <div className={`${css.shell} ${narrow ? css.narrow : ""}`}>
      <a href="#content" className={css.skip}>
        Skip to content
      </a>
      {!narrow && <Nav folded={folded !== "open"} version={version} />}
      <div className={css.main}>
        <TopBar narrow={narrow} user={session.user} onSearch={() => setSearching(true)} onKeys={() => setKeys(true)} />
        <Away />
        <main id="content" tabIndex={-1}>
          <Suspense fallback={<Skeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {narrow && <BottomNav />}
      <Suspense>{searching && <Palette onClose={() => setSearching(false)} />}</Suspense>
      <KeysDialog open={keys} onClose={() => setKeys(false)} />
      {session.state === "ended" && <LoginOver user={session.user} />}
      <Toasts />
    </div>
  );
}

/** The stripe while the manager is away; its own component, since it looks at the time. */
function Away() {
  const info = useLink();
  const now = useNow();
  if (info.state !== "offline" || now - info.since < STRIPE_MS) return null;
  return <AgeStripe since={info.since} onRetry={link.connectNow} />;
}

/** What a page shows that failed: its file did not load, or it has a defect. */
export function Failed({ error, reset }: { error: unknown; reset: () => void }) {
  const retry = () => {
    // After an upgrade the files of the old pages are gone: the whole console is loaded again.
    if (isLoadFailure(error)) location.reload();
    else reset();
  };
  return (
    <div className={css.alone}>
      <ProblemBox title="This page cannot be shown" problem={isLoadFailure(error) ? NOT_LOADED : asProblem(error)} onRetry={retry} />
    </div>
  );
}

const NOT_LOADED = new Problem(0, [{ code: "unreachable", message: "A file of the console did not load." }]);

const isLoadFailure = (error: unknown): boolean =>
  error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);

/** What an address without a page shows. */
export function NotFound() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const navigate = useNavigate();
  useEffect(() => {
    const old = /^#\/(\w+)(\/.*)?$/.exec(location.hash);
    if (old) void navigate({ to: `/${old[1]}${old[2] ?? ""}`, replace: true });
  }, [navigate]);
  return (
    <div className={css.alone}>
      <h1>There is no page at {path}</h1>
    </div>
  );
}
