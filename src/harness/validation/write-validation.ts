/** Files of a validation: tables, CSV, plot, provenance. */
import { join } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import { stringify } from "csv-stringify/sync";
import { predictionChart, type PredictionPoint } from "../../report/charts/validation.ts";
import { renderPng, renderSvg } from "../../report/render.ts";
import { markdownTable } from "../../report/text-table.ts";
import { replaceFile } from "../cells.ts";
import { provenance } from "../provenance.ts";
import { median } from "./compared-cells.ts";
import type { Validation, ValidationPlan } from "./run-validation.ts";
import {
  bucketTable,
  cellRecords,
  decisionTable,
  engineTable,
  errorTable,
  partTable,
  remarks,
  targetLines,
  targetTable,
  type TextTable,
} from "./validation-text.ts";

/** Tables in the order they are shown. */
export function validationTables(validation: Validation): readonly TextTable[] {
  return [engineTable, errorTable, partTable, decisionTable, bucketTable, targetTable].map((table) =>
    table(validation),
  );
}

/** What `--format json` prints and `summary.json` holds; shares and microseconds. */
export function validationSummary(plan: ValidationPlan, validation: Validation): object {
  const { workload, scale, seed, repetitions, budgets, settings, heldOutProfile } = plan;
  return {
    format: "reuselab.validation",
    version: 1,
    workload: workload.id,
    scale,
    seed,
    repetitions,
    budgets,
    settings: settings.map(({ id }) => id),
    heldOutProfile,
    engines: validation.engines,
    splits: validation.results.map(({ executor, split, model, analysis }) => ({ executor, split, model, ...analysis })),
    targets: targetLines(validation),
    remarks: remarks(validation),
  };
}

/** Writes `summary.json`, `validation.md`, `errors.csv`, `chart.*` and `provenance.json` into the plan's folder. */
export async function writeValidation(plan: ValidationPlan, validation: Validation): Promise<void> {
  const { folder } = plan;
  makeFolder(folder);
  const file = (name: string): string => join(folder, name);
  replaceFile(file("summary.json"), `${JSON.stringify(validationSummary(plan, validation), null, 1)}\n`);
  replaceFile(file("provenance.json"), `${JSON.stringify(provenance(), null, 1)}\n`);
  replaceFile(file("errors.csv"), stringify([...cellRecords(validation)], { header: true }));
  replaceFile(file("validation.md"), markdownOf(plan, validation));
  const spec = predictionChart(pointsOf(validation), {
    title: `Simulated against real: ${plan.workload.id}, whole sequences`,
    conditions: [
      `scale ${plan.scale}, ${plan.repetitions} repetitions: median and range; the line: predicted = real`,
      ...remarks(validation).slice(0, 1),
    ],
  });
  replaceFile(file("chart.vl.json"), `${JSON.stringify(spec, null, 1)}\n`);
  const svg = await renderSvg(spec);
  replaceFile(file("chart.svg"), svg);
  replaceFile(file("chart.png"), renderPng(svg));
}

function markdownOf({ workload, scale, repetitions }: ValidationPlan, validation: Validation): string {
  const tables = validationTables(validation).map(
    ({ title, header, rows }) => `## ${title}\n\n${markdownTable(header, rows)}`,
  );
  const notes = remarks(validation).map((remark) => `- ${remark}\n`);
  return [
    `# Simulated against real: ${workload.id}, scale ${scale}, ${repetitions} repetitions\n`,
    `![Predicted and real run times](chart.png)\n`,
    notes.join(""),
    ...tables,
  ].join("\n");
}

function pointsOf({ results }: Validation): readonly PredictionPoint[] {
  return results.flatMap(({ executor, split, model, cells }) =>
    cells.map(({ cell, predicted, real }) => {
      const totals = real.map(({ runUs }) => seconds(runUs));
      return {
        panel: split,
        series: `${executor} · ${model}`,
        label: `${cell.setting}, ${cell.budget}`,
        predicted: seconds(predicted.runUs),
        real: median(totals),
        low: Math.min(...totals),
        high: Math.max(...totals),
      };
    }),
  );
}

function seconds(runUs: readonly number[]): number {
  return runUs.reduce((sum, us) => sum + us, 0) / 1e6;
}
