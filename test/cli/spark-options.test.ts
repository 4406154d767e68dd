import { expect, test } from "vitest";
import { sparkOptions } from "../../src/cli/spark-options.ts";

test("the server and the wait are handed on; none of them is none", () => {
  expect(sparkOptions({}, "duckdb")).toEqual({});
  expect(sparkOptions({ spark: "sc://h:1", sparkWait: "0.5" }, "spark")).toEqual({
    sparkUrl: "sc://h:1",
    sparkWaitMs: 500,
  });
  expect(sparkOptions({ sparkMaster: "local[2]" }, "spark")).toEqual({ sparkMaster: "local[2]" });
});

test.each([
  [{ spark: "sc://h:1" }, "duckdb", /the executor is "duckdb"; expected --executor spark/u],
  [{ sparkWait: "60" }, "simulated", /the executor is "simulated"; expected --executor spark/u],
  [{ spark: "sc://h:1", sparkMaster: "local[2]" }, "spark", /give one of the two/u],
  [{ sparkWait: "0" }, "spark", /--spark-wait "0": expected seconds above 0/u],
  [{ sparkWait: "two minutes" }, "spark", /--spark-wait "two minutes": expected seconds above 0/u],
  [{ sparkWait: "Infinity" }, "spark", /expected seconds above 0/u],
])("%o on %s is bad input", (values, executor, said) => {
  expect(() => sparkOptions(values, executor)).toThrow(said);
});
