// A backup out of this instance, and one into it.

import { write } from "@/api/act";
import { asProblem, readProblem } from "@/api/problem";
import { client, type Schemas } from "@/api/client";

export type Imported = Schemas["ImportAnswer"];
export type Change = Schemas["RestoreChange"];
export type Left = Schemas["Left"];

const secretHeader = (passphrase: string): Record<string, string> => (passphrase ? { "X-Berth-Passphrase": passphrase } : {});

export interface Download {
  name: string;
  blob: Blob;
}

/** Read a backup; secrets are in it only with a passphrase. */
export async function readBackup(passphrase: string): Promise<Download> {
  try {
    const answer = await client.GET("/api/v2/export", { headers: secretHeader(passphrase), parseAs: "blob" });
    if (!answer.response.ok) throw readProblem(answer.response, answer.error);
    const disposition = answer.response.headers.get("Content-Disposition") ?? "";
    return { name: /filename="([^"]+)"/.exec(disposition)?.[1] ?? "berth-backup.bin", blob: answer.data as unknown as Blob };
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

export interface RestoreWish {
  file: File;
  mode: "merge" | "replace";
  start: boolean;
  passphrase: string;
}

/** Restore a backup, or only list what that would change. */
export function restoreBackup({ file, mode, start, passphrase }: RestoreWish, dryRun: boolean): Promise<Imported> {
  return write((headers) =>
    client.POST("/api/v2/import", {
      params: { query: { mode, start, dry_run: dryRun } },
      headers: { ...headers, ...secretHeader(passphrase), "Content-Type": "application/octet-stream" },
      body: file as never,
      bodySerializer: (body: unknown) => body as BodyInit,
    }),
  ) as Promise<Imported>;
}
