// Every address and its page. Pages are chunks of their own, loaded when they are first shown.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "@/parts/search";
import { App, Failed, NotFound } from "@/shell/app";

const root = createRootRoute({ component: App, notFoundComponent: NotFound });

type Load = () => Promise<Record<string, unknown>>;

/** A page at a path: the named component of a module. */
function page(path: string, load: Load, name: string) {
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name) });
}

/** A path that leads to another. */
function forward(path: string, to: (params: Record<string, string>) => string) {
  return createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: ({ params }) => {
      // The router's way to go elsewhere is to throw.
      throw redirect({ to: to(params as Record<string, string>), replace: true });
    },
  });
}

const backup = () => import("@/backup/backup-page");
const containers = () => import("@/containers/containers-page");
const activity = () => import("@/activity/activity-page");
const dashboard = () => import("@/dashboard/dashboard-page");
const discovery = () => import("@/discovery/discovery-page");
const host = () => import("@/hosts/host-page");
const hosts = () => import("@/hosts/hosts-page");
const profile = () => import("@/account/profile-page");
const search = () => import("@/search/search-page");
const settings = () => import("@/account/settings-page");
const topology = () => import("@/topology/topology-page");
const addHost = () => import("@/hosts/add-host-page");
const images = () => import("@/images/images-page");
const pools = () => import("@/pools/pools-page");
const pool = () => import("@/pools/pool-page");
const registries = () => import("@/registries/registries-page");
const tags = () => import("@/tags/tags-page");
const container = () => import("@/containers/container-page");
const deployments = () => import("@/deployments/deployments-page");
const change = () => import("@/deploy/change-page");
const deploy = () => import("@/deploy/deploy-page");
const definitions = () => import("@/definitions/definitions-page");
const definition = () => import("@/definitions/definition-page");
const newDefinition = () => import("@/definitions/new-page");
const deployment = () => import("@/deployments/deployment-page");

const pages = [
  page("/", dashboard, "DashboardPage"),
  forward("/activity", () => "/activity/matters"),
  page("/activity/$tab", activity, "ActivityPage"),
  forward("/activity/tasks/$id", () => "/activity/tasks"),
  page("/backup", backup, "BackupPage"),
  page("/containers", containers, "ContainersPage"),
  forward("/containers/$id", ({ id }) => `/containers/${id}/overview`),
  page("/containers/$id/$tab", container, "ContainerPage"),
  page("/deploy", deploy, "DeployPage"),
  page("/deployments", deployments, "DeploymentsPage"),
  forward("/deployments/$id", ({ id }) => `/deployments/${id}/slots`),
  page("/deployments/$id/change", change, "ChangePage"),
  page("/deployments/$id/$tab", deployment, "DeploymentPage"),
  forward("/discovery", () => "/discovery/catalog"),
  page("/discovery/$tab", discovery, "DiscoveryPage"),
  forward("/definitions", () => "/definitions/services"),
  page("/definitions/$tab", definitions, "DefinitionsPage"),
  forward("/definitions/new", () => "/definitions/new/service/yaml"),
  page("/definitions/new/$kind/$tab", newDefinition, "NewPage"),
  forward("/definitions/$kind/$id", ({ kind, id }) => `/definitions/${kind}/${encodeURIComponent(id ?? "")}/yaml`),
  page("/definitions/$kind/$id/$tab", definition, "DefinitionPage"),
  page("/hosts", hosts, "HostsPage"),
  page("/hosts/add", addHost, "AddHostPage"),
  page("/images", images, "ImagesPage"),
  page("/pools", pools, "PoolsPage"),
  page("/pools/$id", pool, "PoolPage"),
  page("/registries", registries, "RegistriesPage"),
  page("/tags", tags, "TagsPage"),
  forward("/hosts/$id", ({ id }) => `/hosts/${id}/overview`),
  page("/hosts/$id/$tab", host, "HostPage"),
  page("/profile", profile, "ProfilePage"),
  page("/search", search, "SearchPage"),
  page("/settings", settings, "SettingsPage"),
  page("/topology", topology, "TopologyPage"),
];

const stories = import.meta.env.DEV ? [page("/stories", () => import("@/stories/stories-page"), "StoriesPage")] : [];

export const router = createRouter({
  routeTree: root.addChildren([...pages, ...stories]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: Failed,
});
