/** Quality of an IE version by cross-validation over documents, without an engine. */
import type { IterationNode } from "../../src/core/iteration.ts";
import type { LearnOp, SourceOp } from "../../src/core/operators.ts";
import { scoreOf, type SpanScore, spanScore } from "../../src/executors/learners/chain-evaluate.ts";
import { chainLearners, type ChainRecord, predictChain } from "../../src/executors/learners/chain-learner.ts";
import { decodeTags, spansOf } from "../../src/executors/learners/chain-tags.ts";
import { encodeColumn } from "../../src/executors/learners/features.ts";
import type { ExampleFeature } from "../../src/executors/learners/learner.ts";
import { ie } from "../../src/workloads/ie/index.ts";
import { foldsInAll } from "../../src/workloads/ie/workflow.ts";
import { featureColumns, type TokenTable } from "./text-features.ts";

const source: SourceOp = { op: "source", dataset: "ie", fingerprint: "none", files: [] };

/** The versions of workload `ie` with a model. */
export function ieVersions(
  model: "chain-perceptron" | "chain-crf" | "token-perceptron",
): ReturnType<typeof ie.versions> {
  return ie.versions({ sources: { ie: source } }, 1, { model, testFold: 0 });
}

/** What the folds gave. */
export interface FoldQuality {
  readonly folds: readonly SpanScore[];
  readonly meanF1: number;
}

/** Exact-match scores of persons: fold f trains on the documents with index mod 5 ≠ f and tests on the rest. */
export async function foldQuality(
  nodes: readonly IterationNode[],
  table: TokenTable,
  foldIds: readonly number[] = [0, 1, 2, 3, 4],
): Promise<FoldQuality> {
  const columns = featureColumns(nodes, table);
  const [, , ...features] = nodes.find(({ id }) => id === "examples")?.parents ?? [];
  const op = nodes.find(({ id }) => id === "tagger")?.operator as LearnOp;
  const learner = chainLearners.find(({ model }) => model === op.model);
  if (learner === undefined) throw new Error(`no learner for ${op.model}`);
  const labelValues = [...new Set(table.tags)].sort((a, b) => (a < b ? -1 : 1));
  const folds: SpanScore[] = [];
  for (const fold of foldIds) {
    const isTest = Uint8Array.from(table.docs, (doc) => (doc % foldsInAll === fold ? 1 : 0));
    const all = features.map((name) => encodeColumn(columns.get(name) ?? [], (row) => isTest[row] === 0));
    const rows = Uint32Array.from(isTest.keys()).filter((row) => isTest[row] === 0);
    const model = (await learner.train(op, {
      rows: rows.length,
      labels: Uint16Array.from(rows, (row) => labelValues.indexOf(table.tags[row] ?? "O")),
      labelValues,
      features: all.map(({ codes, levels }): ExampleFeature => ({
        kind: "codes",
        codes: Uint32Array.from(rows, (row) => codes[row] ?? 0),
        levels,
      })),
      keys: new Map([["sentence", Int32Array.from(rows, (row) => table.sentences[row] ?? 0)]]),
    })) as ChainRecord;
    const found = decodeTags(predictChain(model, all, table.sentences), model);
    const onTest = (tags: readonly string[]): string[] => tags.map((tag, row) => (isTest[row] === 1 ? tag : "O"));
    const [gold, guess] = [onTest(table.tags), onTest(found)];
    folds.push(spanScore(spansOf(gold, table.sentenceOffsets), spansOf(guess, table.sentenceOffsets), "PER"));
  }
  return { folds, meanF1: folds.reduce((sum, { f1 }) => sum + f1, 0) / folds.length };
}

/** All folds' mentions counted together. */
export function pooled(folds: readonly SpanScore[]): SpanScore {
  const sum = (count: (score: SpanScore) => number): number => folds.reduce((total, score) => total + count(score), 0);
  return scoreOf(
    sum(({ truePositives }) => truePositives),
    sum(({ falsePositives }) => falsePositives),
    sum(({ falseNegatives }) => falseNegatives),
  );
}
