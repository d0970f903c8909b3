// Which registry lends its login to an image.

/** What a name without a registry's host belongs to. */
const HUB = "index.docker.io";

/** Return an image's name with its registry's host in front, without tag and digest. */
export function fullName(image: string): string {
  const name = image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  const [first = "", ...rest] = name.split("/");
  const hosted = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (!hosted) return `${HUB}/${name}`;
  return first === "docker.io" ? [HUB, ...rest].join("/") : name;
}

/** Return the url that is the longest prefix of an image's name, whole parts compared; "" for none. */
export function registryOf(image: string, urls: readonly string[]): string {
  const name = `${fullName(image)}/`;
  const fitting = urls.filter((url) => name.startsWith(`${url.replace(/\/$/, "")}/`));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? "";
}

/** Return how many different images each registry lends its login to. */
export function countImages(images: Iterable<string>, urls: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const image of new Set(images)) {
    const url = image && registryOf(image, urls);
    if (url) counts.set(url, (counts.get(url) ?? 0) + 1);
  }
  return counts;
}
