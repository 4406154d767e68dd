import { expect, it } from "vitest";
import { SparkError, withRootCause } from "../../../src/executors/spark/errors.ts";

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
