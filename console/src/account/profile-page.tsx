// Profile: who am I, what is my token, where am I signed in?

import { asProblem } from "@/api/problem";
import { Page } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import css from "./account.module.css";
import { NamesForm, PasswordForm } from "./profile-forms";
import { useAccount } from "./queries";
import { SessionsPanel } from "./sessions-panel";
import { TokenPanel } from "./token-panel";
import { TokensPanel } from "./tokens-panel";

export function ProfilePage() {
  const { data, error, refetch } = useAccount();
  return (
    <Page name="Profile" title="Profile" note={data && <>Signed in as <span className="mono">{data.username}</span></>}>
      {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton onRetry={() => void refetch()} />}
      {data && (
        <div className={css.halves}>
          <NamesForm key={`${data.first_name}\n${data.last_name}`} user={data} onSaved={() => void refetch()} />
          <PasswordForm username={data.username} />
        </div>
      )}
      <TokensPanel />
      <TokenPanel />
      <SessionsPanel />
    </Page>
  );
}
