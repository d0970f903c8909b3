// How far a task is: bar, percent, what it says, and a way to cancel it.

import type { Task } from "@/live/records";
import { THIN } from "@/state/words";
import { Ago } from "./ago";
import { Button } from "./button";
import { Glyph } from "./glyph";
import { Ref } from "./ref";
import css from "./task-bar.module.css";

interface TaskBarProps {
  task: Task;
  onCancel?: () => void;
}

export function TaskBar({ task, onCancel }: TaskBarProps) {
  const open = isOpen(task);
  return (
    <div className={css.task}>
      <div className={css.head}>
        <Glyph condition={open ? "starts" : isFailed(task) ? "ill" : "done"} />
        <Ref kind="task" id={task.ID} className={css.name}>
          {task.Name}
        </Ref>
        <span className="muted">{open ? `${task.Percent}${THIN}%` : <Ago at={stampOf(task.ClosedAt)} />}</span>
        {open && onCancel && (
          <Button look="quiet" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
      {open && (
        <span className={css.track} role="progressbar" aria-valuenow={task.Percent} aria-valuemin={0} aria-valuemax={100} aria-label={task.Name}>
          <span className={css.fill} style={{ inlineSize: `${task.Percent}%` }} />
        </span>
      )}
      {task.Message && <p className={css.message}>{task.Message}</p>}
    </div>
  );
}

/** Return the milliseconds of a stamp of a task; NaN where it has none. */
export function stampOf(stamp: Task["ClosedAt"]): number {
  return stamp.seconds > 0 ? stamp.seconds * 1000 : NaN;
}

/** Whether a task is under way. */
export const isOpen = (task: Task): boolean => Number.isNaN(stampOf(task.ClosedAt));

export const isFailed = (task: Task): boolean => /fail|error|cancel/i.test(task.StatusDescription);
