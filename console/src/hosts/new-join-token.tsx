// A new join token in the place of the old one, with an end and a number of hosts if wanted.

import { useState } from "react";
import { write } from "@/api/act";
import { client, type Schemas } from "@/api/client";
import { CheckField } from "@/parts/checkbox";
import { Confirm } from "@/parts/confirm";
import { Field } from "@/parts/field";
import { NumberField, Select } from "@/parts/select";
import { ENDS, limitsBody } from "./join-token";

interface NewJoinTokenProps {
  onClose: () => void;
  onMade: (token: Schemas["JoinTokenAnswer"]) => void;
}

/** Hosts that a token may be good for. */
const MAX_USES = 10_000;

export function NewJoinToken({ onClose, onMade }: NewJoinTokenProps) {
  const [end, setEnd] = useState(ENDS[0]?.value ?? "");
  const [limited, setLimited] = useState(false);
  const [uses, setUses] = useState(1);
  const renew = async () => {
    const body = limitsBody(end, limited ? uses : 0);
    onMade(await write((headers) => client.POST("/api/v2/hosts/join_token/rotate", { headers, body })));
  };
  return (
    <Confirm open onClose={onClose} title="Make a new join token?" verb="Make a new token" onConfirm={renew}>
      <p>The old one is refused from then on. Hosts that have joined stay.</p>
      <Field label="Ends">
        <Select label="Ends" value={end} options={ENDS} onChange={setEnd} />
      </Field>
      <CheckField checked={limited} onChange={setLimited}>Limit how many hosts can join with it</CheckField>
      {limited && <NumberField label="Hosts" value={uses} min={1} max={MAX_USES} onChange={setUses} />}
    </Confirm>
  );
}
