// What a person can do so that a host takes a slot, by the code of its refusal.

const FIXES: Record<string, string> = {
  constraint: "Change the host constraint of the service, or add the host that it names to the pool.",
  cpus: "Reserve fewer processors, or add a host with more.",
  drained: "Make the host active again when its work is done.",
  engine_api: "Upgrade Docker on the host, or leave the setting out.",
  engine_unreachable: "Start the Docker engine on the host.",
  external_links: "Start the container that it links on a host of the pool.",
  held: "Confirm the manager on the host.",
  inactive: "Start the host, and the agent on it.",
  links: "Both services must fit on one host: look why the other one does not.",
  memory: "Reserve less memory, or add a host with more.",
  missing_key: "Create the key that the text reads.",
  name_taken: "Leave the container name out of the text: it fits once on each host.",
  no_hosts: "Add a host to the pool, or choose another pool.",
  paused: "Make the host active again.",
  phase: "It starts when the services before it are healthy.",
  port_taken: "Publish the port without a host port, or add a host to the pool.",
  shared_volume: "Both services must fit on one host: look why the other one does not.",
  tag_missing: "Give a host of the pool that tag, or leave the tag out of the text.",
  volume_home: "Make room on that host, or bring it back: the data of the slot is there.",
  volumes_from: "Both services must fit on one host: look why the other one does not.",
};

/** Return how to fix a refusal of a host; none where there is nothing to do. */
export const fixOfReason = (code: string): string | undefined => FIXES[code];
