import { afterEach, expect, test, vi } from "vitest";
import type { Deployment } from "@/live/records";
import { actOn, type DeploymentAction } from "./deployment-acts";

vi.hoisted(() => vi.stubGlobal("location", { origin: "http://manager.test" }));

afterEach(() => vi.unstubAllGlobals());

const shop = { deployment_id: "shop", deployment_name: "shop" } as Deployment;

test.each<[DeploymentAction, string]>([
  ["start", "POST /api/v2/deployments/shop/start"],
  ["stop", "POST /api/v2/deployments/shop/stop"],
  ["restart", "POST /api/v2/deployments/shop/restart"],
  ["remove", "DELETE /api/v2/deployments/shop"],
])("%s asks the manager for that", async (action, request) => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (sent: Request) => {
    asked.push(`${sent.method} ${new URL(sent.url).pathname}`);
    return Promise.resolve(Response.json({}));
  });
  await actOn(action, shop);
  expect(asked).toEqual([request]);
});
