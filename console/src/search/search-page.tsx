// Search: where does this text stand?

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, client, type Schemas } from "@/api/client";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/button";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Page, Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Ref, type RefKind } from "@/parts/ref";
import { usePageSearch } from "@/parts/search";
import { Select } from "@/parts/select";
import { Skeleton } from "@/parts/skeleton";
import { formatCount, plural } from "@/state/words";
import { groupHits, KIND_LABEL, markHits, type Result } from "./hits";
import css from "./search-page.module.css";

const WAIT_MS = 200;
const FIRST = 100;
const MOST = 250;

export function SearchPage() {
  const [{ q, kind }, change] = usePageSearch({ q: "", kind: "" });
  const query = useSettled(q.trim());
  const [limit, setLimit] = useState(FIRST);
  const { data, error, refetch } = useQuery({
    queryKey: ["search-page", query, kind, limit],
    enabled: query !== "",
    placeholderData: keepPreviousData,
    queryFn: () => call(client.POST("/api/search/", { body: { query, limit, ...(kind ? { kinds: [kind] } : {}) } as never })),
  });
  const shown = query ? data : undefined;
  return (
    <Page name="Search" title="Search" note={shown && `${plural(shown.total_results, "object")} with “${shown.request.query}”`}>
      <Panel>
        <FilterBar
          value={q}
          placeholder="Search names and texts"
          onChange={(next) => {
            setLimit(FIRST);
            change({ q: next });
          }}
          end={
            <Select
              label="Kind"
              value={kind || "all"}
              options={[{ value: "all", label: "All kinds" }, ...Object.entries(KIND_LABEL).map(([value, label]) => ({ value, label }))]}
              onChange={(value) => change({ kind: value === "all" ? "" : value })}
            />
          }
        />
        <Answer
          asked={query !== ""}
          answer={shown}
          error={error}
          onRetry={() => void refetch()}
          onMore={limit < MOST ? () => setLimit(MOST) : undefined}
          onClear={() => change({ q: "", kind: "" })}
        />
      </Panel>
    </Page>
  );
}

interface AnswerProps extends Omit<HitsProps, "answer"> {
  asked: boolean;
  answer: Schemas["SearchAnswer"] | undefined;
  error: Error | null;
  onRetry: () => void;
}

function Answer({ asked, answer, error, onRetry, ...rest }: AnswerProps) {
  if (!asked) return <Empty title="Search everything">Names, definitions, images, labels, environments, keys and their texts. Secrets are left out.</Empty>;
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={onRetry} />;
  return answer ? <Hits answer={answer} {...rest} /> : <Skeleton onRetry={onRetry} />;
}

interface HitsProps {
  answer: Schemas["SearchAnswer"];
  /** None where as many are shown as can be. */
  onMore: (() => void) | undefined;
  onClear: () => void;
}

function Hits({ answer, onMore, onClear }: HitsProps) {
  const { query } = answer.request;
  const shown = answer.results.length;
  if (shown === 0) return <NoMatch sentence={`Nothing has “${query}” in a text.`} onClear={onClear} />;
  return (
    <>
      {groupHits(answer.results).map((group) => (
        <section key={group.kind} className={css.group}>
          <h2 className={css.head}>{group.label} {formatCount(group.results.length)}</h2>
          <ul>
            {group.results.map((each) => <Hit key={each.id} result={each} query={query} />)}
          </ul>
        </section>
      ))}
      {answer.total_results > shown && (
        <p className={css.more}>
          The first {formatCount(shown)} of {formatCount(answer.total_results)} are shown.{" "}
          {onMore ? <Button onClick={onMore}>Show more</Button> : "Search for a longer text to narrow it."}
        </p>
      )}
    </>
  );
}

/** Fields of one object that are shown. */
const MAX_MATCHES = 4;

function Hit({ result, query }: { result: Result; query: string }) {
  const left = result.matches.length - MAX_MATCHES;
  return (
    <li className={css.hit}>
      <Ref kind={result.kind as RefKind} id={result.id} className="mono">
        <Marked text={result.name || result.id} query={query} />
      </Ref>
      <dl className={css.matches}>
        {result.matches.slice(0, MAX_MATCHES).map((match) => (
          <div key={match.field}>
            <dt className="muted">{match.field}</dt>
            <dd><code><Marked text={match.text} query={query} /></code></dd>
          </div>
        ))}
      </dl>
      {left > 0 && <p className="muted">and {plural(left, "other field")}</p>}
    </li>
  );
}

function Marked({ text, query }: { text: string; query: string }) {
  return markHits(text, query).map((part, index) => (part.hit ? <mark key={index} className={css.mark}>{part.text}</mark> : part.text));
}

/** Return a text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
