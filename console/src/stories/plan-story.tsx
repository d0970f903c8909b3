// A plan as the Deploy page shows it: replaced, moved, added, removed and waiting slots.

import { Panel } from "@/parts/page";
import type { Plan } from "@/parts/plan/plan";
import { PlanView } from "@/parts/plan/plan-view";

const at = (service_id: string, service_slot: number, host: string, step = 0, reason = "") => ({
  service_id, service_slot, step, reason, host_id: host, hostname: host,
});

const service = (service_id: string, change: Plan["services"][number]["change"], image: string, quantity: number): Plan["services"][number] => ({
  service_id, change, image, quantity, image_before: image, quantity_before: quantity,
  policy: { parallelism: 1, delay_s: 2, order: "start-first", on_failure: "rollback", monitor_s: 5, max_failure_ratio: 0 },
});

const PLAN: Plan = {
  deployment_id: "shop",
  generation: 9,
  steps: 12,
  more: false,
  kept: [at("db", 0, "prod-01")],
  placed: Array.from({ length: 14 }, (_, slot) => at("web", slot + 4, `edge-0${slot + 10}`, slot + 1)),
  replaced: [
    { ...at("api", 0, "prod-02", 1), from_host_id: "prod-02", from_hostname: "prod-02" },
    { ...at("api", 1, "prod-07", 2), from_host_id: "prod-05", from_hostname: "prod-05" },
  ],
  ended: [at("cron", 0, "prod-03", 3, "no longer wanted")],
  unplaced: [
    {
      service_id: "web",
      service_slots: [18, 19],
      reasons: [
        { host_id: "edge-009", code: "port_taken", message: "host port 80/tcp is used by edge-proxy" },
        { host_id: "edge-306", code: "inactive", message: "the host is inactive" },
      ],
    },
  ],
  held: [],
  services: [
    service("db", "same", "postgres:16", 1),
    { ...service("api", "changed", "registry.lan/api:4.13", 2), image_before: "registry.lan/api:4.12" },
    { ...service("web", "same", "nginx:1.27", 20), quantity_before: 4 },
    { ...service("cron", "removed", "", 0), image_before: "cron:2", quantity_before: 1 },
  ],
};

export function PlanStory() {
  return (
    <Panel title="Plan">
      <PlanView plan={PLAN} report={[{ line: 16, field: "build", outcome: "ignored", reason: "Berth runs images and builds none" }]} />
    </Panel>
  );
}
