import { describe, expect, test } from "vitest";
import { reusePlannerById, reusePlannerIds, reusePlanners } from "../../../src/algorithms/reuse/index.ts";
import { plannerContract } from "../../../src/testing/planner-contract.ts";

test("every planner is registered under its own id and documented", () => {
  for (const id of reusePlannerIds) {
    expect(reusePlanners[id].id).toBe(id);
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/u);
    expect(reusePlanners[id].title).not.toBe("");
    expect(reusePlanners[id].complexity).not.toBe("");
  }
  expect(reusePlannerById("toString")).toBeUndefined();
});

for (const id of reusePlannerIds) {
  describe(id, () => {
    for (const { title, check } of plannerContract(reusePlannerById(id)!)) test(title, check);
  });
}
