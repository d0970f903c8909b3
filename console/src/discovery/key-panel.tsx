// One key: what is known of it, its value, remove.

import { ChevronLeft } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Button, IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { CopyText } from "@/parts/copy-text";
import { Empty } from "@/parts/empty";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { formatBytes } from "@/state/words";
import css from "./discovery.module.css";
import { bytesOf, isPlatform } from "./key-tree";
import { type KeyPair, removeKey, useKey } from "./queries";
import { ValueEditor } from "./value-editor";

export function KeyPanel({ name, onBack }: { name: string; onBack: () => void }) {
  const { data, error, refetch } = useKey(name);
  const online = useOnline();
  const [removing, setRemoving] = useState(false);
  const own = !isPlatform(name);
  return (
    <Panel
      title={
        <span className={css.title}>
          <IconButton small label="Back to all keys" icon={<ChevronLeft size={16} strokeWidth={1.75} />} onClick={onBack} />
          <span className="mono">{name}</span>
          <CopyText text={name} label="Copy name" />
        </span>
      }
      acts={data && own && <Button look="quiet" reason={online ? undefined : "Offline"} onClick={() => setRemoving(true)}>Remove</Button>}
    >
      {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
      {data === undefined && !error && <Skeleton rows={4} onRetry={() => void refetch()} />}
      {data === null && <Empty title="There is no such key">It was removed, or never written.</Empty>}
      {data && <Value pair={data} own={own} />}
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove ${name}?`}
        verb="Remove key"
        onConfirm={async () => {
          await removeKey(name, false);
          onBack();
        }}
      >
        <p>Its value goes with it. Deployments that read it fail to render until it is there again.</p>
      </Confirm>
    </Panel>
  );
}

function Value({ pair, own }: { pair: KeyPair; own: boolean }) {
  return (
    <>
      <p className={css.about}>
        {formatBytes(bytesOf(pair.Value).length)}, written at index {pair.ModifyIndex}
        {pair.Flags ? `, flags ${pair.Flags}` : ""}
        {!own && ". The platform writes this key: it follows the container whose port it names."}
      </p>
      <ValueEditor pair={pair} fixed={!own} />
    </>
  );
}
