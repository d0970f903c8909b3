// The navigation: at the left, folded to icons, or as a bar at the bottom of phones.

import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useDerived } from "@/live/hooks";
import { Menu, MenuItem } from "@/parts/menu";
import { keepPool } from "@/parts/ref";
import { usePool } from "@/parts/search";
import { formatCount } from "@/state/words";
import { Logo } from "./logo";
import css from "./nav.module.css";
import { GROUPS, isAt, type Place, PLACES } from "./places";

const usePath = () => useRouterState({ select: (state) => state.location.pathname });

export function Nav({ folded, version }: { folded: boolean; version: string }) {
  const path = usePath();
  return (
    <nav className={`${css.nav} ${folded ? css.folded : ""}`} aria-label="Pages">
      <Link to="/" search={keepPool} className={css.logo}>
        <Logo />
        {!folded && <span>Berth</span>}
      </Link>
      {GROUPS.map((group) => (
        <ul key={group.label} className={css.group} aria-label={group.label || undefined}>
          {group.label && !folded && <li className={css.label} aria-hidden="true">{group.label}</li>}
          {group.places.map((place) => (
            <li key={place.to}>
              <PlaceLink place={place} current={isAt(place, path)} folded={folded} />
            </li>
          ))}
        </ul>
      ))}
      {!folded && <p className={css.version}>Berth {version}</p>}
    </nav>
  );
}

function PlaceLink({ place, current, folded }: { place: Place; current: boolean; folded: boolean }) {
  const Icon = place.icon;
  return (
    <Link
      to={place.to}
      search={keepPool}
      className={css.place}
      aria-current={current ? "page" : undefined}
      title={folded ? place.label : undefined}
      aria-label={folded ? place.label : undefined}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
      {!folded && <span className={css.name}>{place.label}</span>}
      {!folded && <Count place={place} />}
    </Link>
  );
}

function Count({ place }: { place: Place }) {
  const pool = usePool();
  const count = useDerived(
    place.count ? [place.count] : ["status"],
    (store) => {
      if (place.count === "container" && pool) return store.containersOf("pool", pool).size;
      if (place.count === "host" && pool) return [...store.all("host").values()].filter((it) => it.info.pool_id === pool).length;
      if (place.count === "deployment" && pool) return [...store.all("deployment").values()].filter((it) => it.placement.pool_id === pool).length;
      if (place.count) return store.count(place.count);
      if (place.label !== "Activity") return 0;
      return [...store.all("status").values()].filter((it) => !it.clear_event_id && /^(error|critical)$/i.test(it.severity_description)).length;
    },
    [pool],
    2,
  );
  if (!count) return null;
  return <span className={place.count ? css.count : css.matters}>{formatCount(count)}</span>;
}

/** The four that are looked at most, within reach of the thumb, and the others behind More. */
export function BottomNav() {
  const path = usePath();
  const shown = PLACES.filter((place) => place.narrow);
  return (
    <nav className={css.bottom} aria-label="Pages">
      {shown.map((place) => {
        const Icon = place.icon;
        return (
          <Link key={place.to} to={place.to} search={keepPool} className={css.spot} aria-current={isAt(place, path) ? "page" : undefined}>
            <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
            <span>{place.label}</span>
          </Link>
        );
      })}
      <More path={path} />
    </nav>
  );
}

function More({ path }: { path: string }) {
  const navigate = useNavigate();
  const places = PLACES.filter((place) => !place.narrow);
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className={css.spot} aria-current={places.some((place) => isAt(place, path)) ? "page" : undefined}>
          <Ellipsis size={18} strokeWidth={1.75} aria-hidden="true" />
          <span>More</span>
        </button>
      }
    >
      {places.map((place) => {
        const Icon = place.icon;
        return (
          <MenuItem key={place.to} icon={<Icon size={16} strokeWidth={1.75} aria-hidden="true" />} onChoose={() => void navigate({ to: place.to, search: keepPool as never })}>
            {place.label} <Count place={place} />
          </MenuItem>
        );
      })}
    </Menu>
  );
}
