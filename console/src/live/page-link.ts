// The link of this page: the real socket, the real lists, the real login.

import { readJson } from "@/api/client";
import { Link } from "./link";
import { readLists } from "./lists";
import { store } from "./store";

/** The one connection of this tab. */
export const link = new Link({
  store,
  readLists,
  openSocket: (path) => new WebSocket(new URL(path, location.href.replace(/^http/, "ws"))),
  onUnauthorized: async () => {
    await readJson("/api/version");
    await readJson("/api/v2/pools/?fields=id&limit=1");
  },
});
