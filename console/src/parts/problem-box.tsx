// A refusal, where it arose: the API's sentence, how to fix it, the request's id, try again.

import { Link } from "@tanstack/react-router";
import { fixOf } from "@/api/fixes";
import type { Problem } from "@/api/problem";
import { Button } from "./button";
import { CopyText } from "./copy-text";
import css from "./problem-box.module.css";
import { keepPool } from "./ref";
import { Severity } from "./severity";

interface ProblemBoxProps {
  problem: Problem;
  /** What was tried: "Restart shop". */
  title?: string;
  onRetry?: () => void;
  onDismiss?: () => void;
}

export function ProblemBox({ problem, title, onRetry, onDismiss }: ProblemBoxProps) {
  const fix = fixOf(problem.code);
  return (
    <div className={css.box} role="alert">
      <Severity name="error" size={14} />
      <div className={css.body}>
        {title && <p className={css.title}>{title}</p>}
        {problem.items.map((item, index) => (
          <p key={index}>
            {item.field && <code>{item.field}: </code>}
            {item.line ? `Line ${item.line}: ` : ""}
            {item.message}
          </p>
        ))}
        {fix && (
          <p className={css.fix}>
            {fix.text} {fix.link && <Link to={fix.link.to} search={keepPool}>{fix.link.label}</Link>}
          </p>
        )}
        <p className={css.foot}>
          <code>{problem.code}</code>
          {problem.requestId && <CopyText text={problem.requestId} label="Copy request id" />}
        </p>
      </div>
      <div className={css.acts}>
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
        {onDismiss && <Button look="quiet" onClick={onDismiss}>Dismiss</Button>}
      </div>
    </div>
  );
}
