// What can be asked of tags, and of who has them.

import { act } from "@/api/act";
import { client } from "@/api/client";

export const createTag = (tag: string) =>
  act({ kind: "tag", id: tag, name: tag }, "Creating", (headers) =>
    client.POST("/api/tags/{notused}", { params: { path: { notused: "-" } }, headers, body: { id: tag } }),
  );

export const removeTag = (tag: string) =>
  act({ kind: "tag", id: tag, name: tag }, "Removing", (headers) => client.DELETE("/api/tags/{tag}", { params: { path: { tag } }, headers }));

export interface Bearer {
  kind: "host" | "pool";
  id: string;
  name: string;
  tags: readonly string[];
}

/** Make these the tags of a host or pool. */
export const setTags = (bearer: Bearer, tags: string[]) =>
  act({ kind: bearer.kind, id: bearer.id, name: bearer.name }, "Tagging", (headers) =>
    client.POST("/api/tags/objects/{notused}", { params: { path: { notused: "-" } }, headers, body: { kind: bearer.kind, id: bearer.id, tags } }),
  );
