/**
 * Costs for versions that were never run, from a recording that saw every operator (such as that of `census-cover`).
 *
 * A node is priced by the most alike recorded node, never by chance: one with the same operator on the same inputs, else one with
 * the same operator (type and parameters), else one with the same id. Among several, the one whose ancestors are most alike
 * (largest share in common), then the earliest. Data do not matter: a recording of other data prices the same operators.
 */
import { WorkflowError } from "../core/errors.ts";
import type { Iteration, IterationNode, RecordedSegment, TraceIteration, TraceNode } from "../core/iteration.ts";

/** Versions with costs, and what of these is not measured. */
export interface PricedVersions {
  readonly iterations: readonly TraceIteration[];
  /** For `source.imputed`: fields of which at least one value comes from a node with other inputs or parameters; else empty. */
  readonly imputed: readonly string[];
}

/** Numbers of a recorded node that are carried over. */
const costFields = [
  "computeUs",
  "sizeBytes",
  "loadUs",
  "loadHotUs",
  "writeUs",
  "memoryBytes",
  "computeCv",
  "weight",
  "quality",
] as const;

/** A step on its inputs, told apart by a small number; equal numbers = same operators all the way up. */
type StepId = number;

interface Recorded {
  readonly node: TraceNode;
  readonly step: StepId;
  readonly above: ReadonlySet<StepId>;
}

/** Steps of one version: by node id its number and those of all its ancestors. */
type Steps = ReadonlyMap<string, { readonly step: StepId; readonly above: ReadonlySet<StepId> }>;

/**
 * Prices versions by a recording. Structure, ids and signatures are those of the versions; costs, and where every node of a
 * version was recorded in the same version also metrics, are those of the recording.
 *
 * @throws {WorkflowError} for a node of which neither the operator nor the id was recorded
 */
export function priceVersions(versions: readonly Iteration[], recording: readonly TraceIteration[]): PricedVersions {
  const book = new PriceBook(recording);
  const iterations = versions.map((version) => book.price(version));
  return { iterations, imputed: [...book.imputed].sort((a, b) => (a < b ? -1 : 1)) };
}

/** {@link priceVersions} without the list of what is imputed. */
export function costVersions(
  iterations: readonly Iteration[],
  priced: readonly TraceIteration[],
): readonly TraceIteration[] {
  return priceVersions(iterations, priced).iterations;
}

class PriceBook {
  readonly imputed = new Set<string>();
  readonly #numbers = new Map<string, StepId>();
  readonly #recording: readonly { readonly iteration: TraceIteration; readonly steps: ReadonlySet<StepId> }[];
  readonly #byStep = new Map<StepId, Recorded>();
  readonly #byOperation = new Map<string, Recorded[]>();
  readonly #byId = new Map<string, Recorded[]>();
  readonly #nearest = new Map<string, Recorded>();

  constructor(recording: readonly TraceIteration[]) {
    if (recording.length === 0)
      throw new WorkflowError("costing: the recording is empty; expected at least one iteration");
    this.#recording = recording.map((iteration) => {
      const steps = this.#stepsOf(iteration.nodes);
      for (const node of iteration.nodes) this.#enter(node, steps);
      return { iteration, steps: new Set([...steps.values()].map(({ step }) => step)) };
    });
  }

  price(version: Iteration): TraceIteration {
    const steps = this.#stepsOf(version.nodes);
    const nodes = version.nodes.map((node) => this.#priceNode(node, steps));
    const all = new Set([...steps.values()].map(({ step }) => step));
    const like = this.#mostAlike(all);
    const isRecorded = like.share === 1;
    const { fusedUs, segments, metrics } = like.iteration;
    const before = totalUs(like.iteration.nodes);
    const scaled = fusedUs === undefined ? undefined : scale(fusedUs, totalUs(nodes), before);
    if (!isRecorded) {
      if (fusedUs !== undefined) this.imputed.add("fusedUs");
      if (segments !== undefined) this.imputed.add("segments");
    }
    return {
      ...version,
      nodes,
      ...(segments === undefined ? {} : { segments: segmentsFor(nodes, like.iteration, segments) }),
      ...(scaled === undefined ? {} : { fusedUs: scaled }),
      ...(isRecorded && metrics !== undefined ? { metrics } : {}),
    };
  }

  #priceNode(node: IterationNode, steps: Steps): TraceNode {
    const { step, above } = steps.get(node.id) as { step: StepId; above: ReadonlySet<StepId> };
    const exact = this.#byStep.get(step);
    const key = `${step}/${node.id}`;
    const recorded = exact ?? this.#nearest.get(key) ?? this.#findNearest(node, above);
    if (exact === undefined) this.#nearest.set(key, recorded);
    const costs: Record<string, number> = {};
    for (const field of costFields) {
      const value = recorded.node[field];
      if (value === undefined) continue;
      costs[field] = value;
      if (exact === undefined) this.imputed.add(field);
    }
    return { ...node, ...costs } as TraceNode;
  }

  #findNearest(node: IterationNode, above: ReadonlySet<StepId>): Recorded {
    const candidates = this.#byOperation.get(operationOf(node)) ?? this.#byId.get(node.id);
    let best: Recorded | undefined;
    let bestShare = -1;
    for (const candidate of candidates ?? []) {
      const share = sharedPart(above, candidate.above);
      if (share > bestShare) [best, bestShare] = [candidate, share];
    }
    if (best === undefined)
      throw new WorkflowError(
        `costing: neither the operator nor the id of node "${node.id}" (${node.op}) was recorded; expected a recording that covers every edit`,
      );
    return best;
  }

  #mostAlike(steps: ReadonlySet<StepId>): { readonly iteration: TraceIteration; readonly share: number } {
    let best = { iteration: this.#recording[0]?.iteration as TraceIteration, share: -1 };
    for (const { iteration, steps: recorded } of this.#recording) {
      const share = sharedPart(steps, recorded);
      if (share > best.share) best = { iteration, share };
    }
    return best;
  }

  #enter(node: TraceNode, steps: Steps): void {
    const recorded: Recorded = { node, ...(steps.get(node.id) as { step: StepId; above: ReadonlySet<StepId> }) };
    if (this.#byStep.has(recorded.step)) return;
    this.#byStep.set(recorded.step, recorded);
    append(this.#byOperation, operationOf(node), recorded);
    append(this.#byId, node.id, recorded);
  }

  #stepsOf(nodes: readonly IterationNode[]): Steps {
    const steps = new Map<string, { step: StepId; above: ReadonlySet<StepId> }>();
    for (const node of nodes) {
      const parents = node.parents.map((parent) => steps.get(parent) as { step: StepId; above: ReadonlySet<StepId> });
      const name = parents.length === 0 ? `source ${node.id}` : operationOf(node);
      const key = `${name} ${parents.map(({ step }) => step).join(" ")}`;
      const step = this.#numbers.get(key) ?? this.#numbers.size;
      this.#numbers.set(key, step);
      const above = new Set<StepId>();
      for (const parent of parents) {
        above.add(parent.step);
        for (const ancestor of parent.above) above.add(ancestor);
      }
      steps.set(node.id, { step, above });
    }
    return steps;
  }
}

/** A recording without hashes of operators tells steps apart by type and id. */
function operationOf({ operation, op, id }: IterationNode): string {
  return operation ?? `${op} ${id}`;
}

function append(lists: Map<string, Recorded[]>, key: string, recorded: Recorded): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [recorded]);
  else list.push(recorded);
}

/** |a ∩ b| ÷ |a ∪ b|, 1 for two empty sets. */
function sharedPart(a: ReadonlySet<StepId>, b: ReadonlySet<StepId>): number {
  let common = 0;
  for (const step of a) if (b.has(step)) common++;
  const together = a.size + b.size - common;
  return together === 0 ? 1 : common / together;
}

function totalUs(nodes: readonly TraceNode[]): number {
  return nodes.reduce((sum, { computeUs }) => sum + computeUs, 0);
}

function scale(us: number, now: number, before: number): number {
  return before === 0 ? us : Math.round((us * now) / before);
}

/**
 * The recorded segments with the nodes of another version: nodes it lacks are left out, a new one joins the segment of its first
 * child; times change in proportion to the nodes' own.
 */
function segmentsFor(
  nodes: readonly TraceNode[],
  recorded: TraceIteration,
  segments: readonly RecordedSegment[],
): readonly RecordedSegment[] {
  const segmentOf = new Map<string, number>();
  for (const [i, { nodes: ids }] of segments.entries()) for (const id of ids) segmentOf.set(id, i);
  const childOf = new Map<string, string>();
  for (const { id, parents } of nodes) for (const parent of parents) if (!childOf.has(parent)) childOf.set(parent, id);
  const recordedUs = new Map(recorded.nodes.map(({ id, computeUs }) => [id, computeUs]));
  for (const { id } of [...nodes].reverse()) {
    const child = childOf.get(id);
    const joined = child === undefined ? undefined : segmentOf.get(child);
    if (!recordedUs.has(id) && joined !== undefined) segmentOf.set(id, joined);
  }
  return segments.flatMap(({ nodes: ids, fusedUs }, i) => {
    const inside = nodes.filter(({ id }) => segmentOf.get(id) === i);
    const before = ids.reduce((sum, id) => sum + (recordedUs.get(id) ?? 0), 0);
    return inside.length === 0
      ? []
      : [{ nodes: inside.map(({ id }) => id), fusedUs: scale(fusedUs, totalUs(inside), before) }];
  });
}
