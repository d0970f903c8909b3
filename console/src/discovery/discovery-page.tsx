// Discovery: where is it reachable, and what is kept under which key?

import { useParams } from "@tanstack/react-router";
import { Page } from "@/parts/page";
import { Tabs } from "@/parts/tabs";
import { CatalogTab } from "./catalog-tab";
import { KeysTab } from "./keys-tab";

export function DiscoveryPage() {
  const { tab = "catalog" } = useParams({ strict: false }) as { tab?: string };
  return (
    <Page name="Discovery" title="Discovery" note="Where services are reached, and the keys that they share">
      <Tabs
        label="Parts of Discovery"
        current={tab}
        tabs={[
          { label: "Catalog", to: "/discovery/catalog" },
          { label: "Keys", to: "/discovery/keys" },
        ]}
      />
      {tab === "keys" ? <KeysTab /> : <CatalogTab />}
    </Page>
  );
}
