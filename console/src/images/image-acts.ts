// What can be asked of an image on a host.

import { act } from "@/api/act";
import { client } from "@/api/client";

/** A host and an image's whole name. */
export interface Place {
  hostId: string;
  hostname: string;
  image: string;
}

const subject = ({ hostname, image }: Place) => ({ kind: "image", id: image, name: `${image} on ${hostname}` });
const pathOf = ({ hostId, image }: Place) => ({ params: { path: { image, host_id: hostId } } });

export const pullImage = (place: Place) =>
  act(subject(place), "Pulling", (headers) => client.POST("/api/v2/images/{image}/hosts/{host_id}/pull", { ...pathOf(place), headers }));

/** Start one container from the image as it is, or as a text says. */
export const runImage = (place: Place, content: string) =>
  act(subject(place), "Starting", (headers) =>
    client.POST("/api/v2/images/{image}/hosts/{host_id}/run", { ...pathOf(place), headers, body: content ? { content } : {} }),
  );

export const removeImage = (place: Place) =>
  act(subject(place), "Removing", (headers) => client.DELETE("/api/v2/images/{image}/hosts/{host_id}", { ...pathOf(place), headers }));
