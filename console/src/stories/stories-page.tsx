// Every part in its states; shown in development only, at /stories.

import { useState } from "react";
import { Problem } from "@/api/problem";
import { Berths } from "@/parts/berths";
import { Button, IconButton } from "@/parts/button";
import { CheckField, Switch } from "@/parts/checkbox";
import { Chip, FilterChip } from "@/parts/chip";
import { Confirm } from "@/parts/confirm";
import { CopyText } from "@/parts/copy-text";
import { Sheet } from "@/parts/dialog";
import { Digest } from "@/parts/digest";
import { TextEditor } from "@/parts/editor/text-editor";
import { Empty } from "@/parts/empty";
import { ForecastView } from "@/parts/forecast";
import { Field, Input, TextArea } from "@/parts/field";
import { Glyph, State } from "@/parts/glyph";
import { KeyValue, Secret } from "@/parts/key-value";
import { Kbd } from "@/parts/kbd";
import { Menu, MenuItem } from "@/parts/menu";
import { Bytes, Meter } from "@/parts/meter";
import { Page, Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { NumberField, Select } from "@/parts/select";
import { Severity } from "@/parts/severity";
import type { SeverityName } from "@/state/severity";
import { tell, tellFailure } from "@/parts/toast";
import { Why } from "@/parts/why";
import { CONDITIONS, type Condition } from "@/state/condition";
import { PlanStory } from "./plan-story";
import css from "./stories-page.module.css";
import { Bell } from "lucide-react";

const SEVERITIES: SeverityName[] = ["critical", "error", "warning", "info", "debug", "cleared"];

const strip = (count: number): Condition[] =>
  Array.from({ length: count }, (_, slot) => (slot % 17 === 5 ? "ill" : slot % 13 === 4 ? "waits" : slot % 3 ? "well" : "runs"));

export function StoriesPage() {
  return (
    <Page title="Parts" name="Parts" note="Every part in its states">
      <States />
      <Controls />
      <Texts />
      <PlanStory />
      <Editors />
      <Layers />
    </Page>
  );
}

function States() {
  return (
    <Panel title="States">
      <div className={css.row}>{CONDITIONS.map((condition) => <State key={condition} condition={condition} />)}</div>
      <div className={css.row}>{CONDITIONS.map((condition) => <Glyph key={condition} condition={condition} size={24} />)}</div>
      <div className={css.row}>{SEVERITIES.map((name) => <Severity key={name} name={name} size={16} />)}</div>
      {[0, 1, 12, 48, 400, 10_000].map((count) => (
        <div key={count} className={css.row}>
          <code>{count}</code> <Berths conditions={strip(count)} />
        </div>
      ))}
      <div className={css.meters}>
        <Meter label="CPU" percent={0} />
        <Meter label="CPU" percent={42} />
        <Meter label="CPU" percent={96} />
        <Meter label="CPU" percent={42} stale />
        <Bytes value={4_500_000_000} />
      </div>
    </Panel>
  );
}

function Controls() {
  const [on, setOn] = useState(true);
  const [number, setNumber] = useState(3);
  const [choice, setChoice] = useState("a");
  return (
    <Panel title="Controls">
      <div className={css.row}>
        <Button>Plain</Button>
        <Button look="main">Main</Button>
        <Button look="quiet">Quiet</Button>
        <Button look="danger">Danger</Button>
        <Button reason="The host is not in contact">With a reason</Button>
        <IconButton label="Bell" icon={<Bell size={16} strokeWidth={1.75} />} />
        <CopyText text="copied" />
        <Menu trigger={<Button>Menu</Button>}>
          <MenuItem onChoose={() => undefined}>Open</MenuItem>
          <MenuItem reason="Stop it first" onChoose={() => undefined}>Remove</MenuItem>
        </Menu>
      </div>
      <div className={css.row}>
        <CheckField checked={on} onChange={setOn}>Box</CheckField>
        <Switch checked={on} onChange={setOn}>Switch</Switch>
        <NumberField label="Slots" value={number} onChange={setNumber} />
        <Select label="Choice" value={choice} onChange={setChoice} options={[{ value: "a", label: "First" }, { value: "b", label: "Second" }]} />
        <FilterChip icon={<Glyph condition="ill" />} label="Unhealthy" count={31} pressed={on} onPress={() => setOn(!on)} />
        <Chip>ssd</Chip>
        <Kbd keys="Ctrl K" />
      </div>
      <div className={css.fields}>
        <Field label="Name" note="Letters, digits and dashes"><Input placeholder="shop" /></Field>
        <Field label="Name" problem="A deployment of that name exists"><Input defaultValue="shop" /></Field>
        <Field label="Text"><TextArea defaultValue={"services:\n  web:"} /></Field>
      </div>
    </Panel>
  );
}

function Texts() {
  const problem = new Problem(409, [{ code: "pool_not_empty", message: "pool 'blue' has 3 hosts" }], "req-1f2e");
  return (
    <Panel title="What parts say">
      <div className={css.column}>
        <ProblemBox title="Remove blue" problem={problem} onRetry={() => undefined} onDismiss={() => undefined} />
        <Why
          title="Why is this waiting?"
          nameOf={(id) => id}
          reasons={[
            { host_id: "edge-009", code: "port_taken", message: "has a slot of web already" },
            { host_id: "edge-013", code: "port_taken", message: "has a slot of web already" },
            { host_id: "edge-306", code: "inactive", message: "the host is not in contact" },
          ]}
        />
        <ForecastView
          forecast={{
            moved: 3,
            targets: [{ hostId: "h2", hostname: "prod-02", count: 2 }, { hostId: "h3", hostname: "prod-03", count: 1 }],
            waiting: [{ deploymentId: "shop", slots: "api 4", count: 1, reasons: [{ host_id: "h2", code: "memory", message: "It has too little memory." }] }],
            held: [{ deploymentId: "shop", slots: "db 1", count: 1, reasons: [] }],
            ended: 0,
            more: false,
          }}
        />
        <KeyValue facts={[{ name: "Engine", value: "Docker 27.3.1" }, { name: "Token", value: <Secret value="s3cret" label="token" /> }, { name: "Image digest", value: <Digest digest={`sha256:${"7d5f".repeat(16)}`} /> }]} />
        <Empty title="No containers yet" acts={<Button look="main">Deploy</Button>}>Containers of all hosts appear here.</Empty>
      </div>
    </Panel>
  );
}

function Editors() {
  const [text, setText] = useState("web:\n  imge: nginx\n  build: ./web\n");
  return (
    <Panel title="Editor">
      <TextEditor
        text={text}
        label="Text"
        onChange={setText}
        marks={[
          { line: 2, column: 3, message: "unknown key imge", severity: "error" },
          { line: 3, column: 0, message: "No effect: Berth runs images", severity: "info" },
        ]}
      />
    </Panel>
  );
}

function Layers() {
  const [open, setOpen] = useState("");
  return (
    <Panel title="Layers">
      <div className={css.row}>
        <Button onClick={() => setOpen("confirm")}>Confirm</Button>
        <Button onClick={() => setOpen("typed")}>Confirm with a name</Button>
        <Button onClick={() => setOpen("sheet")}>Sheet</Button>
        <Button onClick={() => tell("shop restarted", "6 containers were replaced")}>Toast</Button>
        <Button onClick={() => tellFailure("Restart of shop failed", "api 3 exited with code 137")}>Failure</Button>
      </div>
      <Confirm open={open === "confirm"} onClose={() => setOpen("")} title="Stop shop?" verb="Stop shop" onConfirm={() => Promise.resolve()}>
        <p>24 containers stop and are removed. Volumes stay.</p>
      </Confirm>
      <Confirm
        open={open === "typed"}
        onClose={() => setOpen("")}
        title="Remove shop?"
        verb="Remove shop"
        typed="shop"
        onConfirm={() => Promise.reject(new Problem(409, [{ code: "deployment_not_stopped", message: "stop it first" }]))}
      >
        <p>Its generations and its webhook are gone.</p>
      </Confirm>
      <Sheet open={open === "sheet"} onClose={() => setOpen("")} title="0.api.shop">
        <State condition="well" />
      </Sheet>
    </Panel>
  );
}
