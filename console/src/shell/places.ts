// The places of the navigation: groups, addresses, icons, keys.

import {
  Activity, Anchor, Archive, Boxes, Compass, Container, Database, Gauge, KeyRound, Layers, Map, Server, Tag, Workflow,
  type LucideIcon,
} from "lucide-react";
import type { Kind } from "@/live/records";

export interface Place {
  label: string;
  to: string;
  icon: LucideIcon;
  /** Letter after `g`. */
  key?: string;
  /** Kind whose number is shown. */
  count?: Kind;
  /** Only these are in the bar of phones. */
  narrow?: boolean;
}

export interface Group {
  label: string;
  places: readonly Place[];
}

export const GROUPS: readonly Group[] = [
  {
    label: "",
    places: [
      { label: "Dashboard", to: "/", icon: Gauge, key: "b", narrow: true },
      { label: "Topology", to: "/topology", icon: Map, key: "m" },
      { label: "Activity", to: "/activity/matters", icon: Activity, key: "a" },
    ],
  },
  {
    label: "Run",
    places: [
      { label: "Deployments", to: "/deployments", icon: Anchor, key: "d", count: "deployment", narrow: true },
      { label: "Containers", to: "/containers", icon: Container, key: "c", count: "container", narrow: true },
      { label: "Definitions", to: "/definitions/services", icon: Workflow, key: "t" },
      { label: "Images", to: "/images", icon: Layers, key: "i" },
    ],
  },
  {
    label: "Fleet",
    places: [
      { label: "Hosts", to: "/hosts", icon: Server, key: "h", count: "host", narrow: true },
      { label: "Pools", to: "/pools", icon: Boxes, key: "p" },
      { label: "Tags", to: "/tags", icon: Tag },
      { label: "Registries", to: "/registries", icon: Archive },
    ],
  },
  {
    label: "Find",
    places: [
      { label: "Discovery", to: "/discovery/catalog", icon: Compass },
      { label: "Keys", to: "/discovery/keys", icon: KeyRound, key: "k" },
      { label: "Backup", to: "/backup", icon: Database },
    ],
  },
];

export const PLACES: readonly Place[] = GROUPS.flatMap((group) => group.places);

/** Whether a place is where the page is. */
export function isAt(place: Place, path: string): boolean {
  if (place.to === "/") return path === "/";
  const [, first, second] = place.to.split("/");
  if (first !== "discovery") return path === `/${first}` || path.startsWith(`/${first}/`);
  return path.startsWith(`/discovery/${second}`);
}
