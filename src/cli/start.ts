import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../executors/store/make-folder.ts";
import { demoFig2a } from "../../experiments/demo-fig2a.ts";
import { demoFig2b } from "../../experiments/demo-fig2b.ts";
import { replaceFile } from "../harness/cells.ts";
import { runExperiment, type RunOutcome } from "../harness/run.ts";
import { TraceLibrary } from "../harness/run-traces.ts";
import { formatNumber, formatUs } from "../report/charts/units.ts";
import { claimsText } from "../report/claims-table.ts";
import { pageScript } from "../report/client-bundle.ts";
import { renderPage } from "../report/page.ts";
import { readResultFolder } from "../report/result-folder.ts";
import { textTable } from "../report/text-table.ts";
import type { Command } from "./command.ts";
import { textOption } from "./experiment-choice.ts";
import { openProgress } from "./progress.ts";

const measuredHeader = [
  "real runs (no verdict)",
  "system",
  "executor",
  "iterations",
  "total",
  "÷ cheapest without reuse",
] as const;

const withoutReuse = new Set(["keystoneml", "keystoneml-aggressive", "keystoneml-nocache", "none-fused"]);

/** One line per real run of an outcome. */
function measuredRows(experiment: string, outcome: RunOutcome): string[][] {
  const real = outcome.cells.flatMap((cell) => {
    if (cell === undefined || cell.status !== "done" || cell.configuration.executor === "simulated") return [];
    const { params, executor } = cell.configuration;
    return [{ system: String(params["system"]), on: String(params["on"]), executor, rows: cell.rows }];
  });
  return real.map(({ system, on, rows }) => {
    const totalAt = (run: (typeof real)[number]): number =>
      Number(run.rows[rows.length - 1]?.["cumulativeUs"] ?? Infinity);
    const bars = real.filter((run) => run.on === on && withoutReuse.has(run.system)).map(totalAt);
    const totalUs = Number(rows.at(-1)?.["cumulativeUs"] ?? 0);
    const bar = Math.min(Infinity, ...bars);
    return [
      experiment,
      system,
      on,
      String(rows.length),
      rows.length === 0 ? "excluded" : formatUs(totalUs),
      rows.length === 0 || !Number.isFinite(bar) ? "–" : formatNumber(totalUs / bar),
    ];
  });
}

/** `reuselab start`: the demo paper's figures, for real on DuckDB and simulated from the recorded traces. */
export const command: Command = {
  name: "start",
  summary: "the main job: Census and IE, real and simulated, with tables and plots",
  options: [
    { flags: "--out <dir>", description: "folder of figures, page and results", default: "out/start" },
    { flags: "--traces <dir>", description: "folder of recorded traces (default: the shipped ones)" },
    { flags: "--executor <id>", description: "engine of the real runs; none leaves them out", default: "duckdb" },
    { flags: "--quick", description: "only the judged budget, and no real runs" },
  ],
  async run({ values }, effects) {
    const out = textOption(values, "out") ?? "out/start";
    const engine = textOption(values, "executor") ?? "duckdb";
    const traces = new TraceLibrary(textOption(values, "traces"));
    makeFolder(out);
    const progress = openProgress(effects, values, "start", 0);
    const outcomes: { readonly id: string; readonly outcome: RunOutcome }[] = [];
    try {
      for (const experiment of [demoFig2a, demoFig2b]) {
        const outcome = await runExperiment(experiment, {
          folder: join(out, "results", experiment.id),
          force: true,
          quick: values["quick"] === true,
          engines: engine === "none" ? [] : [engine],
          traces,
          signal: effects.signal,
          onProgress(done, total, note) {
            progress.setTotal(total);
            progress.update(done, `${experiment.id} ${note}`);
          },
        });
        effects.signal.throwIfAborted();
        outcomes.push({ id: experiment.id, outcome });
      }
    } finally {
      progress.stop();
    }
    const claims = outcomes.flatMap(({ outcome }) => outcome.meta.claims);
    const measured = outcomes.flatMap(({ id, outcome }) => measuredRows(id, outcome));
    const failures = outcomes.flatMap(({ outcome }) => outcome.meta.failures);
    const files: string[] = [];
    for (const { id, outcome } of outcomes)
      for (const chart of outcome.meta.charts)
        for (const type of ["svg", "png"]) {
          const name = `${id}${chart === "chart" ? "" : chart.replace(/^chart/u, "")}.${type}`;
          copyFileSync(join(outcome.folder, `${chart}.${type}`), join(out, name));
          files.push(name);
        }
    replaceFile(
      join(out, "index.html"),
      renderPage({
        title: "reuselab: Census and IE, the demo paper's Fig. 2",
        intro:
          "Claims are judged on traces recorded at the judged scale and replayed under each system. Real runs on this machine, at a scale that fits the time, stand beside them without a verdict.",
        results: outcomes.map(({ outcome }) => readResultFolder(outcome.folder)),
        script: await pageScript(),
        ...(measured.length === 0
          ? {}
          : {
              tables: [
                {
                  title: "Real runs on this machine",
                  note: "One run each, page cache hot; no verdict. A ratio is over the iterations the system ran.",
                  header: measuredHeader,
                  rows: measured,
                },
              ],
            }),
      }),
    );
    if ((values["format"] ?? "table") === "json")
      effects.stdout(
        `${JSON.stringify({ claims, measured: measured.map((row) => Object.fromEntries(measuredHeader.map((name, i) => [name, row[i]]))) }, null, 1)}\n`,
      );
    else {
      effects.stdout(`${claimsText(claims)}\n`);
      for (const { id, outcome } of outcomes)
        for (const { title, header, rows } of outcome.meta.tables) {
          const shown = rows.filter(([, budget = ""]) => /^(?:10 GB|50 % )/u.test(budget));
          if (shown.length > 0) effects.stdout(`${id}: ${title.toLowerCase()}\n${textTable(header, shown)}\n`);
        }
      if (measured.length > 0) effects.stdout(`${textTable(measuredHeader, measured)}\n`);
      for (const { outcome } of outcomes)
        for (const { system, trace, reason, fromIteration } of outcome.meta.exclusions)
          effects.stdout(
            `excluded: ${system} on ${trace}${fromIteration === undefined ? "" : ` from iteration ${fromIteration}`}: ${reason}\n`,
          );
      effects.stdout(
        `\nfigures: ${files.map((name) => join(out, name)).join(" ")}\npage: ${join(out, "index.html")}\n`,
      );
    }
    for (const { params, message } of failures) effects.stderr(`failed: ${JSON.stringify(params)}: ${message}\n`);
    return failures.length > 0 ? 3 : 0;
  },
};
