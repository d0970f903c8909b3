import { expect, test } from "vitest";
import { countImages, fullName, registryOf } from "./usage";

test("a name without a host belongs to Docker Hub, with neither tag nor digest", () => {
  expect(fullName("nginx:1.27")).toBe("index.docker.io/nginx");
  expect(fullName("docker.io/library/nginx@sha256:abc")).toBe("index.docker.io/library/nginx");
  expect(fullName("registry.example.com:5000/team/api")).toBe("registry.example.com:5000/team/api");
});

test("the registry with the longest prefix in whole parts lends its login", () => {
  const urls = ["index.docker.io", "r.example.com", "r.example.com/team"];
  expect(registryOf("r.example.com/team/api:2", urls)).toBe("r.example.com/team");
  expect(registryOf("r.example.com/teams/api:2", urls)).toBe("r.example.com");
  expect(registryOf("other.example.com/api", urls)).toBe("");
});

test("an image that many containers run counts once", () => {
  expect(countImages(["nginx:1", "nginx:1", "redis:7"], ["index.docker.io"]).get("index.docker.io")).toBe(2);
});
