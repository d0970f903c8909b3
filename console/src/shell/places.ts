// The places of the navigation: groups, addresses, icons, keys.

import {
  Activity, Anchor, Boxes, Compass, Container, FileCode, Gauge, Layers, Library, type LucideIcon, Network, Search, Server, Tags,
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
  /** These are in the bar of phones; the others behind its More. */
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
      { label: "Topology", to: "/topology", icon: Network, key: "t" },
      { label: "Activity", to: "/activity/matters", icon: Activity, key: "a" },
    ],
  },
  {
    label: "Run",
    places: [
      { label: "Deployments", to: "/deployments", icon: Anchor, key: "d", count: "deployment", narrow: true },
      { label: "Containers", to: "/containers", icon: Container, key: "c", count: "container", narrow: true },
      { label: "Definitions", to: "/definitions/services", icon: FileCode, key: "f" },
      { label: "Images", to: "/images", icon: Layers, key: "i" },
    ],
  },
  {
    label: "Fleet",
    places: [
      { label: "Hosts", to: "/hosts", icon: Server, key: "h", count: "host", narrow: true },
      { label: "Pools", to: "/pools", icon: Boxes, key: "p" },
      { label: "Registries", to: "/registries", icon: Library },
      { label: "Tags", to: "/tags", icon: Tags },
    ],
  },
  {
    label: "Find",
    places: [
      { label: "Discovery", to: "/discovery/catalog", icon: Compass, key: "k" },
      { label: "Search", to: "/search", icon: Search },
    ],
  },
];

export const PLACES: readonly Place[] = GROUPS.flatMap((group) => group.places);

/** Whether a place is where the page is. */
export function isAt(place: Place, path: string): boolean {
  if (place.to === "/") return path === "/";
  const first = place.to.split("/")[1];
  return path === `/${first}` || path.startsWith(`/${first}/`);
}
