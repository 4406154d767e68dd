/**
 * Lifts a recording to a larger scale: sizes along lines, costs by a model per operator type, both from two smaller recordings.
 *
 * Documented in `docs/lifting.md`. Nodes of the recordings are matched by iteration and id, as signatures contain the data.
 */
import type { LinearCost } from "../../core/cost-model.ts";
import { TraceFormatError } from "../../core/errors.ts";
import type { ColumnBytes, TraceHeader, TraceIteration, TraceNode } from "../../core/iteration.ts";
import type { Operator } from "../../core/operators.ts";
import type { Trace } from "../format/parse-text.ts";
import { type CostSample, fitColumnCost } from "../least-squares.ts";
import { grown, slopeThrough } from "./growth.ts";
import { boostedModelBytes, type Work, workOf } from "./operator-work.ts";

/** A recording and the scale it was made at. */
export interface ScaledTrace {
  readonly trace: Trace;
  /** Times the rows of the original data. */
  readonly scale: number;
}

/** Which operator a node is; undefined where that is unknown. */
export type OperatorOf = (iteration: number, id: string) => Operator | undefined;

/** Costs that are lifted. */
export const liftedCosts = ["computeUs", "loadUs", "loadHotUs", "writeUs"] as const;
export type LiftedCost = (typeof liftedCosts)[number];

/** Fields of a lifted trace that were not measured. */
export const liftedFields: readonly string[] = [...liftedCosts, "sizeBytes", "memoryBytes", "columns", "quality"];

/** A fitted cost of one kind of node. */
export interface CostFit extends LinearCost {
  readonly cost: LiftedCost;
  readonly kind: string;
  /** For each column of the result; does not grow with the scale. */
  readonly usPerColumn: number;
  readonly samples: number;
}

/** A cost model and the slopes of sizes, fitted on two recordings. */
export interface LiftModel {
  readonly fits: readonly CostFit[];
  /** Bytes per unit of scale, by iteration, node and what is measured. */
  readonly slopes: ReadonlyMap<string, number>;
}

const place = (iteration: number, id: string): string => `${iteration}\n${id}`;

/** Lists are compared by place: both recordings have the same columns in the same order. */
const columnPlace = (at: string, i: number): string => `${at}\ncolumn ${i}`;

function nodesOf({ trace }: ScaledTrace): ReadonlyMap<string, TraceNode> {
  return new Map(
    trace.iterations.flatMap(({ iteration, nodes }) =>
      nodes.map((node): readonly [string, TraceNode] => [place(iteration, node.id), node]),
    ),
  );
}

/** One node of each signature, with the work it has to do. */
interface Worker {
  readonly node: TraceNode;
  readonly work: Work;
  /** Its class for loads and writes: models and metrics are read as text, relations by the engine. */
  readonly form: string;
}

function workersOf(
  { iterations }: Pick<Trace, "iterations">,
  operatorOf: OperatorOf,
  growsAll: boolean,
): readonly Worker[] {
  const seen = new Set<string>();
  const workers: Worker[] = [];
  for (const { iteration, nodes } of iterations) {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) {
      if (seen.has(node.signature)) continue;
      seen.add(node.signature);
      const parents = node.parents.flatMap((id) => byId.get(id) ?? []);
      workers.push({
        node,
        work: workOf({
          op: node.op,
          operator: operatorOf(iteration, node.id),
          sizeBytes: node.sizeBytes,
          memoryBytes: node.memoryBytes ?? 0,
          inputBytes: parents.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0),
          features: Math.max(0, (parents[0]?.columns?.length ?? 0) - 2),
          growsAll,
        }),
        form: formOf(node),
      });
    }
  }
  return workers;
}

function formOf({ op }: TraceNode): string {
  if (op === "source") return "source";
  return op === "learn" || op === "select" || op === "reduce" ? "text" : "relation";
}

/** What a cost is linear in: compute costs in the node's work, transfers in bytes on storage and in memory. */
function measuresOf({ node, work, form }: Worker, cost: LiftedCost): Work {
  return cost === "computeUs" ? work : { kind: form, first: node.sizeBytes, second: node.memoryBytes ?? 0 };
}

/**
 * Fits costs per kind, and the slope of every size, on two recordings of the same workload at different scales.
 *
 * @throws {TraceFormatError} when a node of one is not in the other
 */
export function fitLift(low: ScaledTrace, high: ScaledTrace, operatorOf: OperatorOf): LiftModel {
  const fits: CostFit[] = [];
  for (const cost of liftedCosts) {
    const samples = new Map<string, CostSample[]>();
    for (const recording of [low, high])
      for (const worker of workersOf(recording.trace, operatorOf, false)) {
        const us = worker.node[cost];
        if (us === undefined) continue;
        const { kind, first, second } = measuresOf(worker, cost);
        const list = samples.get(kind) ?? [];
        samples.set(kind, list);
        const columns = worker.node.columns?.length ?? 0;
        list.push({ us, sizeBytes: first, memoryBytes: second, columns });
      }
    for (const [kind, list] of [...samples].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const fit = fitColumnCost(list);
      if (fit === null) continue;
      const { baseUs, usPerByte, usPerMemoryByte, usPerColumn } = fit;
      fits.push({ cost, kind, baseUs, usPerByte, usPerMemoryByte, usPerColumn, samples: list.length });
    }
  }
  return { fits, slopes: slopesOf(low, high) };
}

function slopesOf(low: ScaledTrace, high: ScaledTrace): ReadonlyMap<string, number> {
  const slopes = new Map<string, number>();
  const others = nodesOf(low);
  for (const [at, node] of nodesOf(high)) {
    const other = others.get(at);
    if (other === undefined)
      throw new TraceFormatError(
        { file: low.trace.header.name },
        `has no node "${at.replace("\n", "/")}" (iteration/id), which ${high.trace.header.name} has; lift recordings of one workload`,
      );
    const slope = (name: string, a: number, b: number): unknown =>
      slopes.set(name, slopeThrough({ scale: low.scale, value: a }, { scale: high.scale, value: b }));
    slope(`${at}\nsizeBytes`, other.sizeBytes, node.sizeBytes);
    slope(`${at}\nmemoryBytes`, other.memoryBytes ?? 0, node.memoryBytes ?? 0);
    for (const [i, { bytes }] of (node.columns ?? []).entries())
      slope(columnPlace(at, i), other.columns?.[i]?.bytes ?? bytes, bytes);
  }
  return slopes;
}

/** What a fitted model says work costs, but for what a node costs at every scale. Microseconds, not rounded. */
function growingUs({ fits }: LiftModel, cost: LiftedCost, { kind, first, second }: Work): number {
  const fit = fits.find((one) => one.cost === cost && one.kind === kind);
  return fit === undefined ? 0 : fit.usPerByte * first + fit.usPerMemoryByte * second;
}

/**
 * The recording at another scale: each cost is the recorded one plus what the model says growth adds, each size the recorded one
 * plus its slope. What repeats a signature repeats its costs. Segments and whole runs are left out.
 */
export function liftTrace(recorded: ScaledTrace, model: LiftModel, scale: number, operatorOf: OperatorOf): Trace {
  const sized = sizesAt(recorded, model, scale, operatorOf);
  const before = new Map(workersOf(recorded.trace, operatorOf, false).map((worker) => [worker.node.signature, worker]));
  const after = workersOf(sized, operatorOf, true);
  const costs = new Map<string, Partial<Record<LiftedCost, number>>>();
  for (const worker of after) {
    const old = before.get(worker.node.signature)!;
    const lifted: Partial<Record<LiftedCost, number>> = {};
    for (const cost of liftedCosts) {
      const us = old.node[cost];
      if (us === undefined) continue;
      const [from, to] = [old, worker].map((one) => growingUs(model, cost, measuresOf(one, cost))) as [number, number];
      lifted[cost] = Math.round(us + Math.max(0, to - from));
    }
    costs.set(worker.node.signature, lifted);
  }
  const iterations = sized.iterations.map((iteration): TraceIteration => ({
    ...iteration,
    nodes: iteration.nodes.map((node) => ({ ...node, ...costs.get(node.signature) })),
  }));
  return { header: sized.header, iterations };
}

/** The recording with the sizes of another scale and the costs of its own; columns with one id keep one size. */
function sizesAt(
  { trace, scale: from }: ScaledTrace,
  { slopes }: LiftModel,
  scale: number,
  operatorOf: OperatorOf,
): Trace {
  const columnBytes = new Map<string, number>();
  const known = new Map<string, Pick<TraceNode, "sizeBytes" | "memoryBytes" | "columns">>();
  const sizesOf = (
    iteration: number,
    node: TraceNode,
    features: number,
    inputBytes: number,
  ): Pick<TraceNode, "sizeBytes" | "memoryBytes" | "columns"> => {
    const at = place(iteration, node.id);
    const lifted = (name: string, value: number): number => grown({ scale: from, value }, slopes.get(name) ?? 0, scale);
    const columns = node.columns?.map(({ id, bytes }, i): ColumnBytes => {
      const now = columnBytes.get(id) ?? lifted(columnPlace(at, i), bytes);
      columnBytes.set(id, now);
      return { id, bytes: now };
    });
    const operator = operatorOf(iteration, node.id);
    if (operator?.op === "learn" && operator.model === "gradient-boosting") {
      const bytes = boostedModelBytes(operator, features, inputBytes);
      return { sizeBytes: bytes, memoryBytes: bytes };
    }
    return {
      sizeBytes: lifted(`${at}\nsizeBytes`, node.sizeBytes),
      memoryBytes: lifted(`${at}\nmemoryBytes`, node.memoryBytes ?? 0),
      ...(columns === undefined ? {} : { columns }),
    };
  };
  const iterations = trace.iterations.map((iteration): TraceIteration => {
    const { segments: _, fusedUs: __, ...rest } = iteration;
    const byId = new Map(rest.nodes.map((node) => [node.id, node]));
    return {
      ...rest,
      nodes: rest.nodes.map((recorded) => {
        const { computeCv: ___, ...node } = recorded;
        const parent = byId.get(node.parents[0] ?? "");
        const features = Math.max(0, (parent?.columns?.length ?? 2) - 2);
        const inputBytes = known.get(parent?.signature ?? "")?.memoryBytes ?? 0;
        const sizes = known.get(node.signature) ?? sizesOf(rest.iteration, node, features, inputBytes);
        known.set(node.signature, sizes);
        return { ...node, ...sizes };
      }),
    };
  });
  return { header: liftedHeader(trace.header, scale), iterations };
}

function liftedHeader(header: TraceHeader, scale: number): TraceHeader {
  const { imputed = [], initialUs: _, fixedCostUs: __, ...source } = header.source ?? {};
  return {
    ...header,
    source: {
      ...source,
      imputed: [...new Set([...imputed, ...liftedFields])],
      liftedFrom: header.name,
      liftedToScale: scale,
    },
  };
}
