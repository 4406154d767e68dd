import type { ColumnBytes, IterationNode, RecordedSegment, TraceIteration, TraceNode } from "../../core/iteration.ts";
import { modelQuality } from "../../core/quality.ts";
import { compareMetrics, versionMetrics } from "./metrics.ts";
import type { NodeSample, Repetition } from "./recording.ts";
import type { PreparedPlan } from "./repetition.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";

/** Operators whose results are models. */
const modelOps: ReadonlySet<string> = new Set(["learn", "select"]);

/** The middle of some values, the mean of the two middle ones of an even number; rounded to a whole number. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return Math.round(sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2);
}

/** Sample standard deviation ÷ mean, to four decimals; 0 with fewer than two values or a mean of 0. */
export function variationOf(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2 || mean === 0) return 0;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.round((Math.sqrt(squares / (n - 1)) / mean) * 1e4) / 1e4;
}

/**
 * Makes the iterations of a trace from repetitions: medians, complete lines, metric values of the first repetition.
 *
 * @throws {ExecutorError} when repetitions disagree about a metric value
 */
export function assembleTrace(
  { plan, fused }: PreparedPlan,
  repetitions: readonly Repetition[],
): readonly TraceIteration[] {
  const samples = new Map<ResultKey, NodeSample[]>();
  for (const { nodes } of repetitions)
    for (const [key, sample] of Object.entries(nodes)) {
      const list = samples.get(key);
      if (list === undefined) samples.set(key, [sample]);
      else {
        const where = `result ${key.slice(0, 12)}`;
        compareMetrics(list[0]?.metrics ?? {}, sample.metrics ?? {}, where, plan.metricTolerance);
        list.push(sample);
      }
    }
  const first = new Map(Object.entries(repetitions[0]?.nodes ?? {}));
  const medianAt = (
    key: string,
    pick: (repetition: Repetition) => Readonly<Record<string, number>>,
  ): number | undefined => {
    const values = repetitions.map((repetition) => pick(repetition)[key]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : medianOf(values);
  };
  // A model keeps the quality it had in the first version that has it: later reducers change nothing about it.
  const qualities = new Map<ResultKey, number>();
  for (const version of plan.versions) {
    const keys = resultKeys(version);
    for (const { id, op, operator } of version.nodes) {
      const key = keys.get(id) as ResultKey;
      if (!modelOps.has(operator?.op ?? op) || qualities.has(key)) continue;
      const quality = modelQuality(version, id, versionMetrics(version, first));
      if (quality !== undefined) qualities.set(key, quality);
    }
  }
  const columnBytes = new Map<string, number>();
  return plan.versions.map((version, i) => {
    const { nodes, segments: _, fusedUs: __, metrics: ___, ...rest } = version;
    const keys = resultKeys(version);
    const { segments, wholeKey } = fused[i] as PreparedPlan["fused"][number];
    const recorded: RecordedSegment[] = [];
    for (const { key, segment } of segments) {
      const fusedUs = medianAt(key, (repetition) => repetition.segments);
      if (fusedUs !== undefined) recorded.push({ nodes: segment.nodes.map(({ id }) => id), fusedUs });
    }
    const fusedUs = medianAt(wholeKey, (repetition) => repetition.wholes);
    const metrics = versionMetrics(version, first);
    return {
      ...rest,
      nodes: nodes.map((node) =>
        traceNode(
          node,
          samples.get(keys.get(node.id) as ResultKey) ?? [],
          qualities.get(keys.get(node.id) as ResultKey),
          columnBytes,
        ),
      ),
      ...(recorded.length === 0 ? {} : { segments: recorded }),
      ...(fusedUs === undefined ? {} : { fusedUs }),
      ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
    };
  });
}

/** @param columnBytes bytes of columns by id, filled: one column has one size wherever it occurs, that of its first result */
function traceNode(
  node: IterationNode,
  samples: readonly NodeSample[],
  derived: number | undefined,
  columnBytes: Map<string, number>,
): TraceNode {
  const median = (pick: (sample: NodeSample) => number): number => medianOf(samples.map(pick));
  const quality = samples[0]?.quality ?? derived;
  const { operator: _, ...rest } = node;
  const columns = samples[0]?.columns?.map((column): ColumnBytes => {
    const known = columnBytes.get(column.id) ?? column.bytes;
    columnBytes.set(column.id, known);
    return { ...column, bytes: known };
  });
  return {
    ...rest,
    computeUs: median(({ computeUs }) => computeUs),
    sizeBytes: median(({ sizeBytes }) => sizeBytes),
    loadUs: median(({ loadUs }) => loadUs),
    loadHotUs: median(({ loadHotUs }) => loadHotUs),
    writeUs: median(({ writeUs }) => writeUs),
    memoryBytes: median(({ memoryBytes }) => memoryBytes),
    computeCv: variationOf(samples.map(({ computeUs }) => computeUs)),
    ...(columns === undefined ? {} : { columns }),
    ...(quality === undefined ? {} : { quality }),
  };
}
