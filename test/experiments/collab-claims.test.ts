import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { experiments } from "../../experiments/registry.ts";
import { type ClaimResult, lostClaims } from "../../src/harness/claims.ts";
import { gridOf, pointsOf } from "../../src/harness/experiment.ts";
import { runExperiment } from "../../src/harness/run.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-claims-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const figures = experiments.filter(({ group }) => group === "collab");
/** Verdicts are held against committed ones where quick runs have the same simulated cells, and are no timings. */
const comparable = new Set(
  figures
    .filter(({ quick }) => Object.keys(quick).every((name) => name === "on"))
    .filter((figure) => pointsOf(gridOf(figure, true)).every((point) => figure.executor?.(point) !== "host"))
    .map(({ id }) => id),
);

function committedClaims(id: string): readonly ClaimResult[] {
  const path = join("results", id, "meta.json");
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly claims: readonly ClaimResult[] }).claims;
}

describe("the figures of the Collaborative Optimizer, quick", () => {
  test.each(figures.map((figure) => [figure.id, figure] as const))(
    "%s runs, and what was reproduced still is",
    async (id, figure) => {
      const { status, meta } = await runExperiment(figure, { folder: join(folder, id), quick: true });
      expect([status, meta.failures]).toEqual(["finished", []]);
      expect(meta.claims.map((claim) => claim.id)).toEqual(figure.claims.map((claim) => claim.id));
      if (comparable.has(id)) expect(lostClaims(committedClaims(id), meta.claims)).toEqual([]);
    },
    600_000,
  );
});
