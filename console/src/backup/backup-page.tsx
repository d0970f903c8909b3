// Backup: can I get it back?

import { Page } from "@/parts/page";
import { DownloadPanel } from "./download-panel";
import { RestorePanel } from "./restore-panel";

export function BackupPage() {
  return (
    <Page name="Backup" title="Backup" note="The configuration in one file: definitions, deployments, pools, registries, tags, keys, settings">
      <DownloadPanel />
      <RestorePanel />
    </Page>
  );
}
