// One container from an image, on a host.

import { useState } from "react";
import { Confirm } from "@/parts/confirm";
import { Field, TextArea } from "@/parts/field";
import { Select } from "@/parts/select";
import { runImage } from "./image-acts";
import type { ImageRow } from "./image-rows";

export function RunDialog({ row, onClose }: { row: ImageRow; onClose: () => void }) {
  const [hostId, setHostId] = useState(row.copies[0]?.hostId ?? "");
  const [content, setContent] = useState("");
  const hostname = row.copies.find((each) => each.hostId === hostId)?.hostname ?? hostId;
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Run ${row.id}`}
      verb={`Run on ${hostname}`}
      complete={hostId !== ""}
      onConfirm={() => runImage({ hostId, hostname, image: row.id }, content.trim())}
    >
      <p>It starts one container that belongs to no deployment: nobody replaces it when it ends.</p>
      <Field label="Host">
        <Select label="Host" value={hostId} options={row.copies.map((each) => ({ value: each.hostId, label: each.hostname }))} onChange={setHostId} />
      </Field>
      <Field label="Definition" note="One service, in any form. Left empty, the image runs as it is.">
        <TextArea value={content} spellCheck={false} onChange={(event) => setContent(event.target.value)} />
      </Field>
    </Confirm>
  );
}
