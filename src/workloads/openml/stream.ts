/**
 * `openml-like`: a seeded stream of small pipelines with qualities, as on a platform where many people work on one task.
 *
 * Source: the OpenML workload of Derakhshan et al., SIGMOD 2020 (2,000 scikit-learn runs of Task 31, 1.5 GB of artifacts). The
 * runs themselves are not redistributed, so pipelines are drawn from a space of assumptions (`space.ts`).
 * Departures: costs, sizes and qualities are modelled; quality is a property of a model, its evaluation part of training.
 */
import type { ColumnBytes, TraceHeader, TraceIteration, TraceNode } from "../../core/iteration.ts";
import { randomWeighted, rngStream, type Rng } from "../../core/rng.ts";
import { randomNormal } from "../synthetic/dag-builder.ts";
import { openmlModels, openmlParameters, openmlSteps, openmlTable } from "./space.ts";

/** How a stream is drawn. */
export interface OpenmlOptions {
  /** Runs, default 2,000. */
  readonly pipelines?: number;
  /** With every run, run the best pipeline of all earlier ones again, to compare with (model benchmarking). */
  readonly benchmark?: boolean;
}

/** A stream held as a trace; `gold[t]` is the run whose pipeline was the best before run t, −1 before there is any. */
export interface OpenmlStream {
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
  readonly gold: readonly number[];
  /** Signature of the model of each run. */
  readonly models: readonly string[];
  /** Quality of the model of each run. */
  readonly qualities: readonly number[];
}

/** Load cost by kind of result in microseconds per byte: the profile of the released code, 5.04e-4 and 2.258e-4 ms per KB. */
const loadUsPerByte = { data: 5.04e-4, model: 2.258e-4 } as const;
const loadBaseUs = 50;

/** Draws a stream. Deterministic in its arguments; the first runs do not depend on how many follow. O(runs). */
export function openmlStream(seed: number, { pipelines = 2_000, benchmark = false }: OpenmlOptions = {}): OpenmlStream {
  const rng = rngStream(seed, "openml-like/pipelines");
  const iterations: TraceIteration[] = [];
  const gold: number[] = [];
  const drawn: (readonly TraceNode[])[] = [];
  const models: string[] = [];
  const qualities: number[] = [];
  let best = -1;
  for (let t = 0; t < pipelines; t++) {
    const own = drawPipeline(seed, rng);
    const model = own.at(-1)!;
    const nodes = own.map((node) => (node === model ? { ...node, output: true } : node));
    if (benchmark && best >= 0) {
      const known = new Set(nodes.map(({ signature }) => signature));
      const goldNodes = drawn[best]!;
      for (const node of goldNodes)
        if (!known.has(node.signature)) nodes.push(node === goldNodes.at(-1) ? { ...node, output: true } : node);
    }
    iterations.push({ iteration: t, changeType: t === 0 ? "initial" : "li", label: model.id, nodes });
    gold.push(best);
    drawn.push(own);
    models.push(model.signature);
    qualities.push(model.quality ?? 0);
    if (best < 0 || qualities[t]! > qualities[best]!) best = t;
  }
  return {
    header: {
      format: "reuselab.trace",
      version: 1,
      name: benchmark ? "openml-benchmark" : "openml-like",
      domain: "pipelines",
      source: {
        tool: "reuselab",
        executor: "simulated",
        dataset: `openml-like, seed ${seed}`,
        imputed: ["computeUs", "sizeBytes", "loadUs", "writeUs", "columns", "quality"],
      },
    },
    iterations,
    gold,
    models,
    qualities,
  };
}

/** One pipeline: data, the steps that are not left out, the model. Ids are signatures: the same step on the same data is one. */
function drawPipeline(seed: number, rng: Rng): readonly TraceNode[] {
  const data = "data";
  let columns = tableColumns();
  const nodes: TraceNode[] = [
    {
      id: data,
      op: "read",
      kind: "dpr",
      signature: data,
      parents: [],
      computeUs: openmlTable.readUs,
      sizeBytes: openmlTable.readBytes,
      ...storage(openmlTable.readBytes, "data"),
    },
  ];
  let at = data;
  let quality = 0;
  for (const { op, options } of openmlSteps) {
    const option =
      options[
        randomWeighted(
          rng,
          options.map(({ weight }) => weight),
        )
      ]!;
    quality += option.quality;
    if (option.touches === "none") continue;
    const signature = `${at}/${op}=${option.id}`;
    columns = changed(columns, option, signature);
    const sizeBytes = columns.length * openmlTable.columnBytes;
    nodes.push({
      id: signature,
      op,
      kind: "dpr",
      signature,
      parents: [at],
      computeUs: spread(seed, signature, option.computeUs, 0.2),
      sizeBytes,
      ...storage(sizeBytes, "data"),
      columns,
    });
    at = signature;
  }
  const model =
    openmlModels[
      randomWeighted(
        rng,
        openmlModels.map(({ weight }) => weight),
      )
    ]!;
  const isDefault = rng() < openmlParameters.defaultShare;
  // The square of a uniform number makes the first settings the popular ones.
  const popular = rng();
  const setting = isDefault ? 0 : 1 + Math.floor(popular * popular * openmlParameters.settings);
  const signature = `${at}/${model.id}#${setting}`;
  const noise = randomNormal(rngStream(seed, `openml-like/quality/${signature}`));
  const tuning = randomNormal(rngStream(seed, `openml-like/setting/${model.id}#${setting}`));
  const sizeBytes = spread(seed, `${signature}/size`, model.sizeBytes, 0.3);
  nodes.push({
    id: signature,
    op: model.id,
    kind: "li",
    signature,
    parents: [at],
    computeUs: spread(seed, `${model.id}#${setting}`, spread(seed, signature, model.computeUs, 0.2), 0.6),
    sizeBytes,
    ...storage(sizeBytes, "model"),
    quality: Math.min(1, Math.max(0, model.quality + quality + 0.012 * tuning + 0.005 * noise)),
  });
  return nodes;
}

function tableColumns(): ColumnBytes[] {
  const bytes = openmlTable.columnBytes;
  const named = (kind: string, count: number): ColumnBytes[] =>
    Array.from({ length: count }, (_, i) => ({ id: `${kind}${i}`, bytes }));
  return [...named("n", openmlTable.numeric), ...named("c", openmlTable.categorical)];
}

/** Columns after a step: what it touches gets an id of its own, made of the step and what it was made of. */
function changed(
  columns: readonly ColumnBytes[],
  option: { readonly id: string; readonly touches: string; readonly width?: number },
  signature: string,
): ColumnBytes[] {
  if (option.touches === "all")
    return Array.from({ length: option.width ?? columns.length }, (_, i) => ({
      id: `${signature}[${i}]`,
      bytes: openmlTable.columnBytes,
    }));
  const prefix = option.touches === "numeric" ? "n" : "c";
  return columns.map((column) =>
    column.id.startsWith(prefix) ? { id: `${column.id}>${option.id}`, bytes: column.bytes } : column,
  );
}

/** The experiment graph is in memory: writing costs what loading does. */
function storage(
  bytes: number,
  kind: keyof typeof loadUsPerByte,
): { readonly loadUs: number; readonly writeUs: number } {
  const us = loadBaseUs + Math.ceil(bytes * loadUsPerByte[kind]);
  return { loadUs: us, writeUs: us };
}

/** A lognormal deviate around a median that belongs to a name: the same name always gives the same cost. */
function spread(seed: number, name: string, median: number, sigma: number): number {
  return Math.max(1, Math.round(median * Math.exp(sigma * randomNormal(rngStream(seed, `openml-like/cost/${name}`)))));
}
