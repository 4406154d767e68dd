/**
 * Lifts a recording of the Kaggle workloads to scale 1 by a model fitted on two smaller ones, and says how well that model
 * predicts the recording, which it has not seen (`docs/lifting.md`):
 *
 *     tsx bench/kaggle/lift.ts [--folder experiments/traces] [--small 0.0025,0.005] [--scale 0.01] [--to 1] [--out results/kaggle-lift]
 *
 * Reads FOLDER/kaggle-SCALEx.jsonl.gz, writes FOLDER/kaggle-lifted-TOx.jsonl.gz and OUT/{fits,check}.csv, OUT/README.md.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Operator } from "../../src/core/operators.ts";
import { textTable } from "../../src/report/text-table.ts";
import { checkLift, type LiftCheck } from "../../src/traces/lift/check-lift.ts";
import { fitLift, liftTrace, type ScaledTrace } from "../../src/traces/lift/lift-trace.ts";
import { hashTrace, loadTrace } from "../../src/traces/read.ts";
import { writeTrace } from "../../src/traces/write.ts";
import { namedOnly } from "../../src/workloads/kaggle/artifacts.ts";
import { kaggle } from "../../src/workloads/kaggle/index.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "experiments/traces" },
    small: { type: "string", default: "0.0025,0.005" },
    scale: { type: "string", default: "0.01" },
    to: { type: "string", default: "1" },
    out: { type: "string", default: "results/kaggle-lift" },
  },
});

const pathOf = (scale: number): string => join(values.folder, `kaggle-${scale}x.jsonl.gz`);
const recordingAt = async (scale: number): Promise<ScaledTrace> => ({ scale, trace: await loadTrace(pathOf(scale)) });

const operators = new Map(
  kaggle
    .versions(namedOnly, 1, {})
    .flatMap(({ iteration, nodes }) =>
      nodes.map((node): readonly [string, Operator | undefined] => [`${iteration}\n${node.id}`, node.operator]),
    ),
);
const operatorOf = (iteration: number, id: string): Operator | undefined => operators.get(`${iteration}\n${id}`);

const [low = 0, high = 0] = values.small.split(",").map(Number);
const [scale, to] = [Number(values.scale), Number(values.to)];
const [few, more, recorded] = [await recordingAt(low), await recordingAt(high), await recordingAt(scale)];
const model = fitLift(few, more, operatorOf);
const checks = checkLift(liftTrace(more, model, scale, operatorOf), recorded.trace);

const name = `kaggle-lifted-${to}x`;
const lifted = liftTrace(recorded, model, to, operatorOf);
const path = join(values.folder, `${name}.jsonl.gz`);
await writeTrace(path, { ...lifted.header, name }, lifted.iterations);

const cell = (value: number | null): string => (value === null ? "" : value.toPrecision(3));
const checkHeader = ["field", "operator", "results", "Σ predicted ÷ Σ measured", "median relative error"];
const checkRow = ({ field, op, results, total, medianError }: LiftCheck): string[] => [
  field,
  op,
  String(results),
  cell(total),
  cell(medianError),
];
const fitHeader = ["cost", "kind", "samples", "base µs", "µs per column", "µs per unit of the first", "of the second"];
const fitRows = model.fits.map((fit) => [
  fit.cost,
  fit.kind,
  String(fit.samples),
  fit.baseUs.toPrecision(4),
  fit.usPerColumn.toPrecision(4),
  fit.usPerByte.toPrecision(4),
  fit.usPerMemoryByte.toPrecision(4),
]);
const csv = (rows: readonly (readonly string[])[]): string => `${rows.map((row) => row.join(",")).join("\n")}\n`;
const md = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

await mkdir(values.out, { recursive: true });
await writeFile(join(values.out, "fits.csv"), csv([fitHeader, ...fitRows]));
await writeFile(join(values.out, "check.csv"), csv([checkHeader, ...checks.map(checkRow)]));
const files = [low, high, scale].map(pathOf);
const hashes = await Promise.all([...files, path].map(hashTrace));
await writeFile(
  join(values.out, "README.md"),
  `# Kaggle: the lifting model and its check

Made by \`tsx bench/kaggle/lift.ts\`, never edited; \`docs/lifting.md\` says what is fitted to what.

${md(
  ["trace", "SHA-256 of its text"],
  [...files, path].map((file, i) => [`\`${file}\``, `\`${hashes[i] ?? ""}\``]),
)}

## Check on the recording at scale ${scale}

Predicted from the recording at scale ${high} by the model of scales ${low} and ${high}; the recording at scale ${scale} was not used.

${md(checkHeader, checks.map(checkRow))}

## Costs

${md(fitHeader, fitRows)}
`,
);
process.stdout.write(textTable(checkHeader, checks.map(checkRow)));
process.stdout.write(`\nrecordedSha256 of experiments/collab-dimensions.ts is to be ${hashes[2] ?? ""}\n`);
