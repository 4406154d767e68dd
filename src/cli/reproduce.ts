import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { lostClaims, type ClaimResult } from "../harness/claims.ts";
import { packageRoot } from "../harness/provenance.ts";
import { planRun, runExperiment } from "../harness/run.ts";
import type { ResultMeta } from "../harness/run-derived.ts";
import { claimsText } from "../report/claims-table.ts";
import type { Command } from "./command.ts";
import { experimentsOf, textOption } from "./experiment-choice.ts";
import { renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";
import { runOptions } from "./run.ts";

/** Claims of the committed results of an experiment; empty when there are none. */
export function committedClaims(resultsFolder: string, experiment: string): readonly ClaimResult[] {
  const file = join(resultsFolder, experiment, "meta.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ResultMeta).claims : [];
}

const columns = [
  "experiment",
  "claim",
  "expected",
  "got",
  "ceiling",
  "attained",
  "tolerance",
  "verdict",
  "note",
] as const;

/** Claims in a format of `--format`; `json` is `{"claims":[…]}`. */
export function printClaims(claims: readonly ClaimResult[], format: unknown): string {
  if (format === "json") return `${JSON.stringify({ claims }, null, 1)}\n`;
  if (format === "ndjson") return claims.map((claim) => `${JSON.stringify(claim)}\n`).join("");
  if (format === "csv" || format === "md") {
    const records = claims.map(({ band: _band, ...claim }) => claim);
    return renderRecords(records, columns, format);
  }
  return claimsText(claims);
}

/** `reuselab reproduce ID|GROUP|all`: runs afresh and compares with what the papers say and with the committed results. */
export const command: Command = {
  name: "reproduce",
  summary: "reproduce figures: expected, got, ceiling, verdict; exit 1 if a claim that held no longer does",
  arguments: "<selection>",
  options: [
    { flags: "--out <dir>", description: "folder for the fresh result folders", default: "out/reproduce" },
    { flags: "--quick", description: "the small variants" },
    { flags: "--seed <n>", description: "seed of everything drawn (default: each experiment's)" },
    {
      flags: "--executor <ids>",
      description: "also run the measured cells on these engines (duckdb, spark)",
      repeatable: true,
    },
    { flags: "--traces <dir>", description: "folder of recorded traces (default: the shipped ones)" },
    { flags: "--jobs <n>", description: "worker threads for simulated cells", default: "1" },
    { flags: "--baseline <dir>", description: "committed results to compare with (default: the shipped ones)" },
    { flags: "--dry-run", description: "name the experiments and stop" },
  ],
  async run({ values, positionals }, effects) {
    const [selection] = positionals;
    if (selection === undefined)
      throw new UsageError(
        "reproduce: nothing selected; expected an experiment's id, a group (demo, hilml, vldb, collab) or all",
      );
    const chosen = experimentsOf(selection);
    if (values["dryRun"] === true) {
      effects.stdout(
        renderRecords(
          chosen.map(({ id, title, reproduces }) => ({ id, title, reproduces })),
          ["id", "title", "reproduces"],
          values["format"],
        ),
      );
      return 0;
    }
    const out = textOption(values, "out") ?? "out/reproduce";
    const baseline = textOption(values, "baseline") ?? join(packageRoot(), "results");
    const progress = openProgress(effects, values, "reproduce", chosen.length);
    const claims: ClaimResult[] = [];
    const lost: ClaimResult[] = [];
    let failures = 0;
    // What is missing is said before anything runs.
    for (const experiment of chosen)
      await planRun(experiment, await runOptions(values, effects, join(out, experiment.id), experiment.id));
    try {
      for (const [i, experiment] of chosen.entries()) {
        progress.update(i, experiment.id);
        const { meta } = await runExperiment(experiment, {
          ...(await runOptions(values, effects, join(out, experiment.id), experiment.id)),
          force: true,
        });
        effects.signal.throwIfAborted();
        claims.push(...meta.claims);
        failures += meta.failures.length;
        for (const failure of meta.failures)
          effects.stderr(
            `failed: ${experiment.id} ${JSON.stringify(failure.params)}: ${failure.code} ${failure.message}\n`,
          );
        lost.push(...lostClaims(committedClaims(baseline, experiment.id), meta.claims));
      }
    } finally {
      progress.stop();
    }
    effects.stdout(printClaims(claims, values["format"]));
    for (const claim of lost)
      effects.stderr(`no longer reproduced: ${claim.experiment} ${claim.id} (committed: ${String(claim.got)})\n`);
    if (lost.length > 0) return 1;
    return failures > 0 ? 3 : 0;
  },
};
