import { describe, expect, test } from "vitest";
import { z } from "zod";
import { systems } from "../../src/baselines/index.ts";
import type { OnlineMaterializer } from "../../src/core/materializer.ts";
import type { PlugIn } from "../../src/core/plug-in.ts";
import { pairSystem } from "../../src/baselines/index.ts";
import { noPlugIns } from "../../src/harness/plug-ins/loaded.ts";
import { paramsText } from "../../src/harness/parameters.ts";
import { candidatesOf, sweepsOfPart, tunableParts, tune } from "../../src/harness/tuning.ts";
import { openmlStream } from "../../src/workloads/openml/stream.ts";

const part = (id: string, shape: z.ZodRawShape): PlugIn => ({ id, title: id, params: z.object(shape) });

describe("values to try", () => {
  test("follow from the schema: truth values, enumerations, bounds, multiples of the default", () => {
    const mine = part("mine", {
      flag: z.boolean().default(true),
      mode: z.enum(["a", "b", "c"]).default("b"),
      share: z.number().min(0).max(1).default(0.5),
      factor: z.number().gt(0).default(2),
      count: z.int().min(1).max(3).default(2),
      name: z.string().default("x"),
    });
    expect(Object.fromEntries(sweepsOfPart(mine).map(({ name, values }) => [name, values]))).toEqual({
      flag: [true, false],
      mode: ["b", "a", "c"],
      share: [0.5, 0, 0.25, 0.75, 1],
      factor: [2, 0.5, 1, 1.5, 3, 4, 8],
      count: [2, 1, 3],
    });
  });

  test("are combined up to a limit, beyond it varied one at a time; the defaults come first", () => {
    const two = part("two", { a: z.boolean().default(false), b: z.number().min(0).max(1).default(0) });
    expect(candidatesOf([two]).map(paramsText)).toEqual([
      "",
      "two.b=0.25",
      "two.b=0.5",
      "two.b=0.75",
      "two.b=1",
      "two.a=true",
      "two.a=true; two.b=0.25",
      "two.a=true; two.b=0.5",
      "two.a=true; two.b=0.75",
      "two.a=true; two.b=1",
    ]);
    const wide = part(
      "wide",
      Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, z.number().min(0).max(1).default(0)])),
    );
    const tried = candidatesOf([wide]).map(paramsText);
    expect(tried).toHaveLength(1 + 4 * 4);
    expect(tried.every((text) => !text.includes(";"))).toBe(true);
  });

  test("a system without parameters has none", () => {
    expect(tunableParts(systems.naive, noPlugIns)).toEqual([]);
    expect(tunableParts(systems.helix, noPlugIns).map(({ id }) => id)).toEqual(["helix-online"]);
  });
});

describe("tuning", () => {
  /** Stores what the parameter says; with `wrong` it breaks the budget. */
  const picky: OnlineMaterializer<{ keeps: "nothing" | "all" | "wrong" }> = {
    kind: "online",
    id: "picky",
    title: "Picky",
    decideAt: "finish",
    params: z.object({ keeps: z.enum(["nothing", "all", "wrong"]).default("nothing") }),
    keep: ({ sizeBytes, computeUs, loadUs }, { freeBytes }, { keeps }) =>
      keeps === "wrong" || (keeps === "all" && computeUs > 2 * loadUs && sizeBytes <= freeBytes),
  };
  const plugIns = { ...noPlugIns, materializers: new Map([["picky", picky as OnlineMaterializer]]) };
  const task = {
    system: pairSystem("max-flow", "picky"),
    plugIns,
    traces: [openmlStream(5, { pipelines: 15 })],
    budgets: ["10%", "50%"],
  };

  test("finds the better parameters, and passes over those that break the contract", async () => {
    const tuned = await tune(task);
    expect(tuned).toMatchObject({ says: "picky.keeps=all", tried: 3, runs: 2 });
    expect(tuned.ratio).toBeLessThan(1);
  });

  test("a tie keeps the defaults", async () => {
    expect(await tune({ ...task, budgets: ["0B"] })).toMatchObject({ says: "defaults", ratio: 1 });
  });

  test("what fails with its defaults fails", async () => {
    const broken = { ...picky, params: z.object({ keeps: z.enum(["wrong", "all"]).default("wrong") }) };
    const own = { ...noPlugIns, materializers: new Map([["picky", broken as unknown as OnlineMaterializer]]) };
    await expect(tune({ ...task, plugIns: own })).rejects.toThrow(/picky/u);
  });
});
