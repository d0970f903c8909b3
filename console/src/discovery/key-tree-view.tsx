// Keys as a tree whose folders open one by one, or as a flat list of those that match.

import { ChevronDown, ChevronRight, Trash2 } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import { IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { formatCount, plural } from "@/state/words";
import css from "./discovery.module.css";
import { type Branch, foldersOf, isPlatform, listBelow } from "./key-tree";
import { removeKey } from "./queries";

/** Rows of one folder that are shown; the filter finds the others. */
const MAX_ROWS = 300;

interface KeysProps {
  names: readonly string[];
  current: string;
  onOpen: (name: string) => void;
}

export function KeyTree({ names, current, onOpen }: KeysProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(foldersOf(current)));
  const [removing, setRemoving] = useState<Branch>();
  const toggle = (path: string) => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpen(next);
  };
  return (
    <>
      <Level names={names} prefix="" depth={0} current={current} open={open} onOpen={onOpen} onToggle={toggle} onRemove={setRemoving} />
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(undefined)}
          title={`Remove everything below ${removing.path}?`}
          verb={`Remove ${plural(removing.count, "key")}`}
          typed={removing.path}
          onConfirm={() => removeKey(removing.path, true)}
        >
          <p>{plural(removing.count, "key")} and their values are removed. Nothing brings them back but a backup.</p>
        </Confirm>
      )}
    </>
  );
}

interface LevelProps extends KeysProps {
  prefix: string;
  depth: number;
  open: ReadonlySet<string>;
  onToggle: (path: string) => void;
  onRemove: (branch: Branch) => void;
}

function Level(props: LevelProps) {
  const branches = listBelow(props.names, props.prefix);
  const inside = props.prefix ? props.names.filter((name) => name.startsWith(props.prefix)) : props.names;
  const indent = { paddingInlineStart: 14 + props.depth * 18 };
  return (
    <ul>
      {branches.slice(0, MAX_ROWS).map((branch) =>
        branch.folder ? (
          <li key={branch.path}>
            <Folder branch={branch} indent={indent} open={props.open.has(branch.path)} onToggle={props.onToggle} onRemove={props.onRemove} />
            {props.open.has(branch.path) && <Level {...props} names={inside} prefix={branch.path} depth={props.depth + 1} />}
          </li>
        ) : (
          <li key={branch.path}>
            <KeyRow label={branch.name} path={branch.path} indent={indent} current={props.current} onOpen={props.onOpen} />
          </li>
        ),
      )}
      {branches.length > MAX_ROWS && <li className={css.more}>{plural(branches.length - MAX_ROWS, "more row")}: filter to see them.</li>}
    </ul>
  );
}

interface FolderProps {
  branch: Branch;
  indent: React.CSSProperties;
  open: boolean;
  onToggle: (path: string) => void;
  onRemove: (branch: Branch) => void;
}

function Folder({ branch, indent, open, onToggle, onRemove }: FolderProps) {
  const online = useOnline();
  const Icon = open ? ChevronDown : ChevronRight;
  const platform = isPlatform(branch.path);
  return (
    <div className={css.folder}>
      <button type="button" className={css.row} style={indent} aria-expanded={open} onClick={() => onToggle(branch.path)}>
        <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
        <span className={`mono ${css.text} ${platform ? "muted" : ""}`}>{branch.name}/</span>
        <span className="muted">{formatCount(branch.count)}</span>
      </button>
      {!platform && (
        <IconButton
          label={`Remove everything below ${branch.path}`}
          icon={<Trash2 size={14} strokeWidth={1.75} />}
          reason={online ? undefined : "Offline"}
          onClick={() => onRemove(branch)}
        />
      )}
    </div>
  );
}

export function MatchingKeys({ names, current, onOpen }: KeysProps) {
  return (
    <ul>
      {names.slice(0, MAX_ROWS).map((name) => (
        <li key={name}>
          <KeyRow label={name} path={name} current={current} onOpen={onOpen} />
        </li>
      ))}
      {names.length > MAX_ROWS && <li className={css.more}>{plural(names.length - MAX_ROWS, "more key")}: filter to see them.</li>}
    </ul>
  );
}

interface KeyRowProps {
  label: string;
  path: string;
  current: string;
  indent?: React.CSSProperties;
  onOpen: (name: string) => void;
}

function KeyRow({ label, path, current, indent, onOpen }: KeyRowProps) {
  return (
    <button type="button" className={css.row} style={indent} aria-current={path === current ? "true" : undefined} onClick={() => onOpen(path)}>
      <span className={`mono ${css.text} ${isPlatform(path) ? "muted" : ""}`}>{label}</span>
    </button>
  );
}
