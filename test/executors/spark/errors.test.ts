import { expect, it } from "vitest";
import { SparkError, withRootCause } from "../../../src/executors/spark/errors.ts";
import { lostOnServer } from "../../../src/executors/spark/lost.ts";

const failed = new SparkError("spark: write: Task failed while writing rows", {
  errorClass: "TASK_WRITE_FAILED",
  errorId: "e",
});

it("the root cause's first line is added, and what is known of the failure stays", () => {
  const explained = withRootCause(failed, "No space left on device\n\tat java.base/…");
  expect(explained.message).toBe("spark: write: Task failed while writing rows; caused by: No space left on device");
  expect(explained).toMatchObject({ code: "E_EXECUTOR", errorClass: "TASK_WRITE_FAILED", isTransport: false });
});

it("a cause that says nothing more is left out", () => {
  expect(withRootCause(failed, "Task failed while writing rows")).toBe(failed);
  expect(withRootCause(failed, "")).toBe(failed);
});

it("what the server lost is said as such, with what to do; nothing else is", () => {
  const block = new SparkError("spark: checkpoint: Checkpoint block rdd_7_0 not found!", {});
  const model = new SparkError("spark: checkpoint: Cannot retrieve object m", {
    errorClass: "CONNECT_ML.CACHE_INVALID",
  });
  expect(lostOnServer(block)?.message).toMatch(
    /^spark: an executor of the cluster was lost.*run the same command again/u,
  );
  expect(lostOnServer(model)).toMatchObject({
    code: "E_EXECUTOR",
    message: expect.stringMatching(/dropped a fitted model.*run the same command again/u) as string,
    cause: model,
  });
  expect([failed, new Error("checkpoint block"), undefined].map(lostOnServer)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
