import { expect, test } from "vitest";
import * as simulator from "../../src/simulator/index.ts";
import { node, versions } from "../support/sequences.ts";

test("the public names are there and simulate a trace in three lines", async () => {
  expect(Object.keys(simulator).sort()).toEqual([
    "ExperimentGraphParser",
    "TraceSurvey",
    "UnionGraph",
    "barrierTaxLimit",
    "clairvoyantCosts",
    "defaultSystems",
    "experimentGraphLines",
    "pairSystem",
    "resolveParams",
    "runLoop",
    "simulateCell",
    "simulatedExecutor",
    "surveyTrace",
    "systemById",
    "systemIds",
    "systems",
  ]);
  const iterations = versions([node("s", "", 10), node("a", "s", 5)]);
  const trace = { name: "tiny", iterations, facts: simulator.surveyTrace(iterations) };
  const { rows } = await simulator.simulateCell({ trace, system: simulator.systems.naive, budget: { kind: "none" } });
  expect(rows.map(({ trace: name, system, runUs }) => [name, system, runUs])).toEqual([["tiny", "naive", 15]]);
});
