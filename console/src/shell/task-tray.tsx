// My tasks: under way, closed in the last hour, and what failed until it is dismissed.

import { useState } from "react";
import { act } from "@/api/act";
import { dismiss } from "@/api/asked";
import { client } from "@/api/client";
import { useDerived, useFailures } from "@/live/hooks";
import type { Task } from "@/live/records";
import { Button } from "@/parts/button";
import { Empty } from "@/parts/empty";
import { useKeys } from "@/parts/keys";
import { Popover } from "@/parts/popover";
import { ProblemBox } from "@/parts/problem-box";
import { isOpen, stampOf, TaskBar } from "@/parts/task-bar";
import { plural } from "@/state/words";
import css from "./task-tray.module.css";

const HOUR_MS = 3_600_000;
const SHOWN = 30;

export function TaskTray({ narrow }: { narrow: boolean }) {
  const [open, setOpen] = useState(false);
  const failures = useFailures();
  const tasks = useDerived(["task"], (store) => recentTasks([...store.all("task").values()]), []);
  useKeys([{ key: "t", label: "Show tasks", run: () => setOpen((before) => !before) }]);
  const running = tasks.filter(isOpen).length;
  const label = failures.length > 0 ? plural(failures.length, "failure") : plural(running, "task");
  if (narrow && failures.length === 0 && running === 0) return null;
  return (
    <Popover
      title="Tasks"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button look="quiet" className={failures.length > 0 ? css.failed : ""} aria-label={label}>
          {narrow ? failures.length || running : label}
        </Button>
      }
    >
      {failures.map((failure) => (
        <div key={failure.number} className={css.failure}>
          <ProblemBox
            title={`${failure.verb} ${failure.subject.name}`}
            problem={failure.problem}
            onDismiss={() => dismiss(failure.number)}
          />
        </div>
      ))}
      {tasks.map((task) => (
        <TaskBar key={task.ID} task={task} onCancel={() => void cancel(task)} />
      ))}
      {tasks.length + failures.length === 0 && <Empty title="No tasks">Nothing was asked for in the last hour.</Empty>}
    </Popover>
  );
}

/** Return open tasks, then those closed in the last hour; the newest first. */
function recentTasks(tasks: Task[]): Task[] {
  const since = Date.now() - HOUR_MS;
  return tasks
    .filter((task) => isOpen(task) || stampOf(task.ClosedAt) > since)
    .sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || stampOf(b.CreatedAt) - stampOf(a.CreatedAt))
    .slice(0, SHOWN);
}

async function cancel(task: Task): Promise<void> {
  const path = { task_id: task.ID, action: "cancel" };
  await act({ kind: "task", id: task.ID, name: task.Name }, "Cancelling", (headers) =>
    client.POST("/api/v2/tasks/{task_id}/{action}", { params: { path }, headers }),
  ).catch(() => undefined);
}
