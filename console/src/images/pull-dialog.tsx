// Pulling an image to one host, or to every active host of a pool.

import { useState } from "react";
import { useDerived } from "@/live/hooks";
import { Confirm } from "@/parts/confirm";
import { Field, Input } from "@/parts/field";
import { usePool } from "@/parts/search";
import { Select } from "@/parts/select";
import { compareNames } from "@/state/order";
import { plural } from "@/state/words";
import { pullImage } from "./image-acts";

export function PullDialog({ onClose }: { onClose: () => void }) {
  const scope = usePool();
  const [image, setImage] = useState("");
  const [where, setWhere] = useState("");
  const hosts = useDerived(
    ["host"],
    (store) =>
      Array.from(store.all("host").values(), (each) => each.info)
        .filter((info) => info.is_active && (!scope || info.pool_id === scope))
        .sort((a, b) => compareNames(a.hostname, b.hostname)),
    [scope],
  );
  const pools = [...new Set(hosts.map((each) => each.pool_id))].sort(compareNames);
  const options = [
    ...pools.map((id) => ({ value: `pool/${id}`, label: `All of pool ${id} (${plural(hosts.filter((each) => each.pool_id === id).length, "host")})` })),
    ...hosts.map((each) => ({ value: `host/${each.host_id}`, label: each.hostname })),
  ];
  const chosen = where || (options[0]?.value ?? "");
  const targets = hosts.filter((each) => chosen === `host/${each.host_id}` || chosen === `pool/${each.pool_id}`);
  const name = image.trim();
  return (
    <Confirm
      open
      onClose={onClose}
      title="Pull an image"
      verb={`Pull to ${plural(targets.length, "host")}`}
      complete={name !== "" && targets.length > 0}
      onConfirm={() => Promise.all(targets.map((each) => pullImage({ hostId: each.host_id, hostname: each.hostname, image: name })))}
    >
      <Field label="Image" note="With its registry in front if it has one: registry.example.com/team/api:2">
        <Input value={image} autoComplete="off" className="mono" onChange={(event) => setImage(event.target.value)} />
      </Field>
      <Field label="To"><Select label="To" value={chosen} options={options} onChange={setWhere} /></Field>
    </Confirm>
  );
}
