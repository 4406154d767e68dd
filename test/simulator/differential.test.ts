import { expect, test } from "vitest";
import { defaultSystems, systemById } from "../../src/baselines/index.ts";
import { accountings, estimateModes } from "../../src/core/system.ts";
import { rngStream, randomPick } from "../../src/core/rng.ts";
import { simulateCell } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { randomTrace } from "../support/random-traces.ts";
import { refIntermediateBytes, referenceRows } from "../support/reference-simulator.ts";

const rounds = Number(process.env["DIFFERENTIAL_ROUNDS"] ?? 30);
const firstSeed = Number(process.env["DIFFERENTIAL_SEED"] ?? 1);

test(`every system's rows equal the independent simulator's to the microsecond (seeds ${firstSeed}…${firstSeed + rounds - 1})`, async () => {
  let binding = 0;
  let charged = 0;
  let rows = 0;
  for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
    const rng = rngStream(seed, "differential");
    const trace = randomTrace(seed, {
      iterations: 1 + (seed % 9),
      nodes: 2 + (seed % 8),
      noise: seed % 3 === 0,
      segments: seed % 2 === 0,
    });
    const facts = surveyTrace(trace);
    expect(facts.intermediateBytes).toBe(refIntermediateBytes(trace));
    if (facts.chargeSegments) charged++;
    for (const { id } of defaultSystems.filter((system) => !["collab", "collab-utility"].includes(system.id))) {
      for (const percent of [0, 7, 30, 100, undefined]) {
        const accounting = randomPick(rng, accountings);
        const estimates = randomPick(rng, estimateModes);
        const memoryBytes = randomPick(rng, [0, 20_000_000, 80_000_000, Number.POSITIVE_INFINITY]);
        const outcome = await simulateCell({
          trace: { name: "random", iterations: trace, facts },
          system: systemById(id)!,
          budget: percent === undefined ? { kind: "none" } : { kind: "share", percent },
          accounting,
          estimates,
          memoryBytes,
        });
        const settings = { system: id, budgetBytes: outcome.budgetBytes, accounting, estimates, memoryBytes };
        const wanted = referenceRows(trace, settings);
        const label = JSON.stringify({ seed, ...settings });
        const got = outcome.rows.map((row) =>
          Object.fromEntries(Object.keys(wanted.rows[0] ?? {}).map((name) => [name, row[name as keyof typeof row]])),
        );
        const stoppedAt = outcome.exclusion === undefined ? null : (outcome.exclusion.fromIteration ?? 0);
        expect({ label, rows: got, stoppedAt, failure: outcome.failure?.message }).toEqual({ label, ...wanted });
        if (outcome.budgetBound) binding++;
        rows += got.length;
      }
    }
  }
  // The random traces do reach the corners they are for.
  expect(binding).toBeGreaterThan(rounds / 2);
  expect(charged).toBeGreaterThan(rounds / 20);
  expect(rows).toBeGreaterThan(rounds * 100);
});
