import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { type ExecutePlanResponse, ExecutePlanResponseSchema } from "../../../src/executors/spark/generated/base_pb.ts";
import { Starvation } from "../../../src/executors/spark/starvation.ts";

type Told = (response: ExecutePlanResponse) => void;

/** What the server tells of an operation: its stages and how many of its tasks are running. */
function progress(stages: number, running: number): ExecutePlanResponse {
  const value = {
    stages: Array.from({ length: stages }, (_, i) => ({ stageId: BigInt(i), numTasks: 4n })),
    numInflightTasks: BigInt(running),
  };
  return create(ExecutePlanResponseSchema, { responseType: { case: "executionProgress", value } });
}

const options = { master: "spark://here:1", waitMs: 30 };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An operation that lasts until it is stopped. */
function endless(starvation: Starvation, responses: readonly ExecutePlanResponse[], signal?: AbortSignal) {
  return starvation.during(signal, (stopped, told: Told) => {
    for (const response of responses) told(response);
    return new Promise<never>((_, reject) => {
      stopped.addEventListener("abort", () => reject(stopped.reason as Error), { once: true });
    });
  });
}

it("an operation without a running task ends when two trials in a row come to nothing", async () => {
  const answers = [true, false, true, false, false];
  const asked: number[] = [];
  const starvation = new Starvation((ms) => Promise.resolve(answers[asked.push(ms) - 1] ?? false), options);
  await expect(endless(starvation, [progress(1, 2), progress(2, 0)])).rejects.toMatchObject({
    code: "E_EXECUTOR",
    message: expect.stringMatching(/no task could run for 0\.03 s: spark:\/\/here:1 has no worker left/u) as string,
  });
  expect(asked).toEqual([10, 10, 10, 10, 10]);
});

it("nothing is tried while a task of the session runs, or while the server has no task to run yet", async () => {
  let asked = 0;
  const starvation = new Starvation(() => Promise.resolve(++asked < 0), options);
  const abort = new AbortController();
  const held = [[progress(1, 1)], [progress(3, 0)], [progress(0, 0)], []].map((responses) =>
    endless(starvation, responses, abort.signal),
  );
  const preparing = new Starvation(() => Promise.resolve(++asked < 0), options);
  held.push(endless(preparing, [progress(0, 0)], abort.signal));
  const ended = Promise.allSettled(held);
  await pause(60);
  expect(asked).toBe(0);
  abort.abort(new Error("enough"));
  for (const outcome of await ended) expect(outcome).toMatchObject({ reason: { message: "enough" } });
});

it("a task that starts during a trial lets the operation go on", async () => {
  let tell: Told = () => undefined;
  let asked = 0;
  const starvation = new Starvation(async () => {
    asked++;
    tell(progress(1, 1));
    return Promise.resolve(false);
  }, options);
  const done = starvation.during(undefined, async (signal, told: Told) => {
    tell = told;
    told(progress(1, 0));
    await pause(60);
    return signal.aborted;
  });
  expect([await done, asked]).toEqual([false, 1]);
});
