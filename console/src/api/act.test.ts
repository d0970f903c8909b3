import { afterEach, expect, test } from "vitest";
import { act, write } from "./act";
import { dismiss, getFailures, markOf, settleTask } from "./asked";
import { Problem } from "./problem";

const subject = { kind: "deployment", id: "shop", name: "shop" };
const NO_WAIT = [0, 0];

const answer = (status: number, body: unknown) => ({
  response: new Response(null, { status, headers: { "X-Request-Id": "r1" } }),
  ...(status < 400 ? { data: body } : { error: body }),
});

afterEach(() => {
  for (const { number } of getFailures()) dismiss(number);
});

test("a write that did not arrive is sent again under the same key", async () => {
  const keys: (string | undefined)[] = [];
  const data = await write((headers) => {
    keys.push(headers["Idempotency-Key"]);
    return keys.length < 3 ? Promise.reject(new TypeError("network")) : Promise.resolve(answer(200, "done"));
  }, NO_WAIT);
  expect([data, keys.length, new Set(keys).size]).toEqual(["done", 3, 1]);
});

test("a refusal is not sent again", async () => {
  let sent = 0;
  const body = { errors: [{ code: "id_in_use", message: "taken" }] };
  const refused = write(() => {
    sent += 1;
    return Promise.resolve(answer(409, body));
  }, NO_WAIT);
  await expect(refused).rejects.toMatchObject({ code: "id_in_use", status: 409, requestId: "r1" });
  expect(sent).toBe(1);
});

test("a manager that stays away is told as unreachable", async () => {
  const lost = write(() => Promise.reject(new TypeError("network")), NO_WAIT);
  await expect(lost).rejects.toMatchObject({ code: "unreachable" });
});

test("an act has its mark until its task is closed", async () => {
  await act(subject, "Stopping", () => Promise.resolve(answer(200, { task_id: "t1" })));
  expect(markOf("deployment", "shop")).toMatchObject({ verb: "Stopping", taskId: "t1" });
  settleTask("t1");
  expect(markOf("deployment", "shop")).toBeUndefined();
});

test("an act on a deployment has its mark until the task that the deployment names is closed", async () => {
  await act(subject, "Scaling", () => Promise.resolve(answer(200, { deployment: { task_id: "t2" } })));
  expect(markOf("deployment", "shop")).toMatchObject({ verb: "Scaling", taskId: "t2" });
  settleTask("t2");
  expect(markOf("deployment", "shop")).toBeUndefined();
});

test("an act without a task is settled by its answer", async () => {
  await act(subject, "Removing", () => Promise.resolve(answer(200, {})));
  expect(markOf("deployment", "shop")).toBeUndefined();
});

test("a refused act is kept until it is dismissed", async () => {
  const body = { errors: [{ code: "no_change", message: "that runs already" }] };
  await expect(act(subject, "Changing", () => Promise.resolve(answer(409, body)))).rejects.toBeInstanceOf(Problem);
  expect([getFailures().map((each) => each.problem.code), markOf("deployment", "shop")]).toEqual([["no_change"], undefined]);
});

test("an answer of a proxy becomes a problem too", async () => {
  await expect(write(() => Promise.resolve(answer(502, "<html>")), NO_WAIT)).rejects.toMatchObject({ code: "http_502" });
});
