// The bar above every page: scope, search, connection, tasks, theme, user.

import { useNavigate } from "@tanstack/react-router";
import { ChevronDown, Moon, Search } from "lucide-react";
import { signOut } from "@/api/session";
import { useDerived } from "@/live/hooks";
import { Button, IconButton } from "@/parts/button";
import { Kbd } from "@/parts/kbd";
import { useKeys } from "@/parts/keys";
import { Menu, MenuChoice, MenuItem, MenuLine } from "@/parts/menu";
import { keepPool } from "@/parts/ref";
import { usePool } from "@/parts/search";
import { compareNames } from "@/state/order";
import { LiveIndicator } from "./live-indicator";
import { TaskTray } from "./task-tray";
import { useTheme } from "./theme";
import css from "./top-bar.module.css";

interface TopBarProps {
  narrow: boolean;
  user: string;
  onSearch: () => void;
  onKeys: () => void;
}

export function TopBar({ narrow, user, onSearch, onKeys }: TopBarProps) {
  return (
    <header className={css.bar}>
      <PoolScope />
      {narrow ? (
        <IconButton label="Search or run a command" icon={<Search size={18} strokeWidth={1.75} />} onClick={onSearch} />
      ) : (
        <button type="button" className={css.search} onClick={onSearch}>
          <Search size={16} strokeWidth={1.75} aria-hidden="true" />
          <span>Search or run a command</span>
          <Kbd keys="Ctrl K" />
        </button>
      )}
      <div className={css.end}>
        <LiveIndicator narrow={narrow} />
        <TaskTray narrow={narrow} />
        <ThemeMenu />
        <UserMenu user={user} narrow={narrow} onKeys={onKeys} />
      </div>
    </header>
  );
}

function PoolScope() {
  const pool = usePool();
  const navigate = useNavigate();
  const pools = useDerived(["pool"], (store) => [...store.all("pool").values()].sort((a, b) => compareNames(a.name, b.name)), []);
  const name = pools.find((each) => each.id === pool)?.name ?? pool;
  useKeys([{ key: "p", label: "Choose a pool", run: () => document.getElementById("pool-scope")?.click() }]);
  const choose = (id: string) =>
    void navigate({ to: ".", search: ((before: object) => ({ ...before, pool: id || undefined })) as never });
  return (
    <Menu
      trigger={
        <Button id="pool-scope" className={css.scope}>
          <span className={css.scopeName}>{pool ? name : "All pools"}</span>
          <ChevronDown size={14} strokeWidth={1.75} aria-hidden="true" />
        </Button>
      }
    >
      <MenuChoice
        label="Pool"
        value={pool}
        onChange={choose}
        options={[{ value: "", label: "All pools" }, ...pools.map((each) => ({ value: each.id, label: each.name }))]}
      />
    </Menu>
  );
}

function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  return (
    <Menu align="end" trigger={<IconButton label="Theme" icon={<Moon size={16} strokeWidth={1.75} />} />}>
      <MenuChoice
        label="Theme"
        value={theme}
        onChange={setTheme}
        options={[
          { value: "system", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
    </Menu>
  );
}

const ACCOUNT = [
  { label: "Profile", to: "/profile" },
  { label: "Settings", to: "/settings" },
  { label: "Backup", to: "/backup" },
] as const;

function UserMenu({ user, narrow, onKeys }: { user: string; narrow: boolean; onKeys: () => void }) {
  const navigate = useNavigate();
  return (
    <Menu
      align="end"
      trigger={
        <Button look="quiet" aria-label={`User menu of ${user}`}>
          {narrow ? user.slice(0, 1).toUpperCase() : user}
          <ChevronDown size={14} strokeWidth={1.75} aria-hidden="true" />
        </Button>
      }
    >
      {ACCOUNT.map((each) => (
        <MenuItem key={each.to} onChoose={() => void navigate({ to: each.to, search: keepPool as never })}>{each.label}</MenuItem>
      ))}
      <MenuLine />
      <MenuItem onChoose={onKeys}>Keyboard shortcuts</MenuItem>
      <MenuItem onChoose={() => window.open("/api/docs", "_blank", "noopener")}>API reference</MenuItem>
      <MenuLine />
      <MenuItem onChoose={() => void signOut()}>Sign out</MenuItem>
    </Menu>
  );
}
