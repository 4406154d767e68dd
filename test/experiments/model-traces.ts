import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Iteration, TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import type { SourceOp } from "../../src/core/operators.ts";
import { formatTrace } from "../../src/traces/format/parse-text.ts";
import { censusOptions } from "../../src/workloads/census/edits.ts";
import { censusCover, drawCensusSequence } from "../../src/workloads/census/index.ts";
import { censusWorkflow } from "../../src/workloads/census/workflow.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import { editTree } from "../../src/workloads/sequences.ts";

const source: SourceOp = { op: "source", dataset: "census", fingerprint: "model", files: [] };

/** A Census sequence of ten iterations with invented costs: µs and bytes per row by operator type, times `rows`, plus a fixed cost. */
export function censusModelTrace(name: string, rows: number): string {
  const drawn = drawCensusSequence(1, { iterations: 10, leadingDpr: 2 });
  return pricedTrace(name, rows, flattenEdits(editTree(censusWorkflow(source), censusOptions, drawn)));
}

/** Every edit of Census once, with the same invented costs. */
export function censusCoverModelTrace(name: string, rows: number): string {
  return pricedTrace(name, rows, censusCover.versions({ sources: { census: source } }, 1, {}));
}

function pricedTrace(name: string, rows: number, versions: readonly Iteration[]): string {
  const us: Readonly<Record<string, number>> = { source: 2, scan: 6, assemble: 5, learn: 8, predict: 1, reduce: 0.02 };
  const bytes: Readonly<Record<string, number>> = {
    source: 110,
    scan: 120,
    assemble: 40,
    learn: 0.02,
    predict: 8,
    reduce: 0.001,
  };
  const iterations = versions.map((version): TraceIteration => {
    const nodes = version.nodes.map(({ operator: _operator, ...node }): TraceNode => {
      const sizeBytes = Math.round(rows * (bytes[node.op] ?? 4)) + 300;
      const loadUs = 2_000 + Math.ceil(sizeBytes / 400);
      const computeUs = 1_500 + Math.round(rows * (us[node.op] ?? 0.3));
      return Object.assign({}, node, { computeUs, sizeBytes, loadUs, writeUs: 2 * loadUs });
    });
    const allUs = nodes.reduce((sum, node) => sum + node.computeUs, 0);
    return Object.assign({}, version, { nodes, fusedUs: Math.round(allUs * 0.9) });
  });
  return formatTrace({ header: { format: "reuselab.trace", version: 1, name }, iterations });
}

/** A pre-processing-only sequence over text with a structured learner, like IE; costs invented. */
export function ieModelTrace(name: string, documents: number): string {
  const features = ["token", "shape", "affix", "context", "gazetteer"];
  const costs: Readonly<Record<string, number>> = {
    corpus: 400,
    sentences: 900,
    tokens: 2_500,
    assemble: 500,
    learn: 9_000,
    decode: 900,
    f1: 20,
  };
  const iterations = Array.from({ length: 6 }, (_, i): TraceIteration => {
    const used = features.slice(0, i + 1);
    const nodes: TraceNode[] = [];
    const add = (id: string, parents: readonly string[], kind: "dpr" | "li" | "ppr", version = ""): string => {
      nodes.push({
        id,
        op: id,
        kind,
        signature: `${id}@${version}`,
        parents,
        computeUs: 3_000 + documents * (costs[id] ?? 1_800),
        sizeBytes: 500 + documents * (kind === "dpr" ? 700 : 10),
        output: id === "f1",
      });
      return id;
    };
    add("corpus", [], "dpr");
    add("sentences", ["corpus"], "dpr");
    add("tokens", ["sentences"], "dpr");
    for (const feature of used) add(feature, ["tokens"], "dpr");
    const version = used.join("+");
    add("assemble", ["tokens", ...used], "dpr", version);
    add("learn", ["assemble"], "li", version);
    add("decode", ["learn", "assemble"], "li", version);
    add("f1", ["decode", "sentences"], "ppr", version);
    const fusedUs = nodes.reduce((sum, node) => sum + node.computeUs, 0);
    return { iteration: i, changeType: i === 0 ? "initial" : "dpr", nodes, fusedUs };
  });
  return formatTrace({
    header: { format: "reuselab.trace", version: 1, name, requires: ["structured-prediction"] },
    iterations,
  });
}

/** Writes both families at three scales into a folder, as the recorded ones are named. */
export function writeModelTraces(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const scale of [1, 10, 100]) {
    writeFileSync(join(folder, `census-${scale}x.jsonl`), censusModelTrace(`census-${scale}x`, 32_561 * scale));
    const cover = `census-cover-${scale}x`;
    writeFileSync(join(folder, `${cover}.jsonl`), censusCoverModelTrace(cover, 32_561 * scale));
    writeFileSync(join(folder, `ie-${scale}x.jsonl`), ieModelTrace(`ie-${scale}x`, 145 * scale));
  }
  return folder;
}
