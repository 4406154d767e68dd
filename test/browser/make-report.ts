/** Real reports for the browser tests: a real experiment run, a trace file with hostile names, the real command. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "../../src/cli/report.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import type { RunRow } from "../../src/core/result-row.ts";
import { cellKey, writeCells, type Cell, type Row } from "../../src/harness/cells.ts";
import { shapeClaim } from "../../src/harness/claims.ts";
import { defineExperiment } from "../../src/harness/experiment.ts";
import { runExperiment } from "../../src/harness/run.ts";
import { cumulativeChart } from "../../src/report/charts/cumulative.ts";
import { simulateCell, surveyTrace, systemById, type SystemId } from "../../src/simulator/index.ts";

/** A name that would take over a page that does not escape it. */
export const hostileName = `<img src=x onerror="globalThis.attacked=1">`;

const changes = ["initial", "ppr", "li", "dpr", "ppr"] as const;

/** Five versions of a small workflow; iteration i edits the node of its change type. */
export function smallTrace(name: string): readonly Iteration[] {
  const at = { dpr: 0, li: 0, ppr: 0 };
  return changes.map((changeType, iteration) => {
    if (changeType !== "initial") at[changeType]++;
    const features = `features ${at.dpr}`;
    const model = `model ${at.li} of ${features}`;
    const node = (
      id: string,
      kind: "dpr" | "li" | "ppr",
      signature: string,
      parents: readonly string[],
      us: number,
    ) => ({
      id,
      op: `${name} operator`,
      kind,
      signature,
      parents,
      computeUs: us,
      sizeBytes: 200_000,
    });
    return {
      iteration,
      label: iteration === 0 ? "" : `edit of ${name}`,
      changeType,
      nodes: [
        node("data", "dpr", "data", [], 10),
        node("rows", "dpr", "rows", ["data"], 900_000),
        node(name, "dpr", features, ["rows"], 700_000),
        node("model", "li", model, [name], 2_000_000),
        node("check", "ppr", `check ${at.ppr} of ${model}`, ["model", "rows"], 40_000),
      ],
    };
  });
}

/** Makes a report in a folder and answers its file. */
export async function makeReport(
  folder: string,
  what: { readonly cells: number; readonly hostile: boolean },
): Promise<string> {
  const name = what.hostile ? hostileName : "features";
  const trace = smallTrace(name);
  const rowsOf = async (system: SystemId, variant: number): Promise<readonly RunRow[]> => {
    const iterations = trace.map((one) => ({
      ...one,
      nodes: one.nodes.map((node) => ({ ...node, computeUs: (node.computeUs ?? 0) + 997 * variant })),
    }));
    const outcome = await simulateCell({
      trace: { name, iterations, facts: surveyTrace(iterations) },
      system: systemById(system)!,
      budget: { kind: "share", percent: 90 - (variant % 90) },
    });
    return outcome.rows;
  };
  const experimentOf = (variants: number) =>
    defineExperiment({
      id: "page-test",
      title: what.hostile ? `Pages ${hostileName}` : "Pages",
      reproduces: "nothing",
      params: { system: ["helix", "keystoneml"], variant: Array.from({ length: variants }, (_, i) => i) },
      async *run({ system, variant }): AsyncGenerator<RunRow> {
        for (const row of await rowsOf(system, variant)) yield { ...row };
      },
      chart: ({ cells }) =>
        cumulativeChart(
          cells.filter(({ point }) => point.variant === 0).flatMap(({ rows }) => rows),
          { title: "Two systems", conditions: [name] },
        ),
      claims: [
        shapeClaim({
          id: "faster",
          claim: `helix is faster than keystoneml on ${name}`,
          source: "no paper",
          expected: "faster",
          tolerance: "none",
          measure({ rows }: { readonly rows: readonly RunRow[] }) {
            const last = (system: string) => rows.findLast((row) => row.system === system)?.cumulativeUs ?? 0;
            const isFaster = last("helix") < last("keystoneml");
            return { got: isFaster ? "faster" : "slower", reproduced: isFaster, sameShape: false, note: name };
          },
        }),
      ],
    });
  const results = join(folder, "page-test");
  mkdirSync(results, { recursive: true });
  const variants = what.cells / 2;
  const few = await runExperiment(experimentOf(Math.min(variants, 10)), { folder: results, argv: ["test"] });
  if (variants > 10) {
    // One write instead of one synced append per cell: thousands of those take a minute on a busy disk.
    const { configuration } = few.cells[0]!;
    const cells: Cell[] = [];
    for (const system of ["helix", "keystoneml"] as const)
      for (let variant = 0; variant < variants; variant++) {
        const own = { ...configuration, params: { system, variant } };
        const rows: Row[] = [];
        for (const row of await rowsOf(system, variant)) rows.push({ ...row });
        cells.push({ key: cellKey(own), configuration: own, status: "done", rows, facts: {}, exclusions: [] });
      }
    writeCells(join(results, "cells.jsonl"), cells);
    const derived = await runExperiment(experimentOf(variants), { folder: results, argv: ["test"], deriveOnly: true });
    if (derived.meta.cells.done !== what.cells) throw new Error(`${derived.meta.cells.done} cells are done`);
  }
  const file = join(folder, "trace.jsonl");
  const header = { format: "reuselab.trace", version: 1, name };
  writeFileSync(file, [header, ...trace].map((line) => `${JSON.stringify(line)}\n`).join(""));
  const out = join(folder, "page");
  const said: string[] = [];
  const code = await command.run(
    {
      values: {
        out,
        title: "Test",
        planView: [file],
        system: ["helix,keystoneml,deepdive"],
        budget: "80%",
        quiet: true,
      },
      positionals: [results],
    },
    {
      stdout: (text) => said.push(text),
      stderr: (text) => said.push(text),
      stdin: (async function* () {})(),
      env: {},
      signal: new AbortController().signal,
      isTerminal: false,
    },
  );
  if (code !== 0) throw new Error(said.join(""));
  return resolve(out, "index.html");
}
