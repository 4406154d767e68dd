import { WorkflowError } from "../core/errors.ts";
import type { Iteration } from "../core/iteration.ts";
import { COMPUTE, LOAD, validatePlan, type ReusePlan, type ReuseProblem } from "../core/plan.ts";
import type { IterationRow } from "../core/result-row.ts";
import { maxExact } from "../core/units.ts";
import { settleBatch } from "./batch.ts";
import { noVertex } from "./catalog.ts";
import { sumExact } from "./charges.ts";
import { fusedSteps, singleSteps, wholeStep, type Step } from "./fusion.ts";
import { executionsOf } from "./in-run-cache.ts";
import { reportIteration, type IterationReport } from "./iteration-report.ts";
import { IterationRun } from "./iteration-run.ts";
import type { LoopOptions } from "./loop.ts";
import { prepareVersion, type PreparedVersion } from "./prepare.ts";
import { pruneLocally, statesWithout, type LocallyPruned } from "./session.ts";
import type { Purger } from "./purge.ts";
import type { SignatureUses } from "./signature-uses.ts";
import { segmentDiscountUs } from "./recorded-segments.ts";
import {
  callPlugIn,
  expectedComputeUs,
  expectedLoadUs,
  firstRetirement,
  isPromise,
  memoryBytesOf,
  type RunContext,
} from "./run-context.ts";

/** One iteration's row, and its report on request. */
export interface IterationOutcome {
  readonly row: Omit<IterationRow, "cumulativeUs">;
  readonly report: (row: IterationRow) => IterationReport;
}

/** Runs one version: merge and slice, purge, plan, execute, decide. Coded errors are thrown; what was stored before stays. */
export async function runIteration(
  options: LoopOptions,
  context: RunContext,
  purger: Purger,
  plannerParams: object,
  iteration: Iteration,
): Promise<IterationOutcome> {
  const { switches, catalog, numbers, executor } = context;
  const whole =
    options.versions?.versionOf(iteration, switches) ??
    prepareVersion(
      iteration,
      Int32Array.from(iteration.nodes, (node) => numbers.number(node.signature)),
      switches,
    );
  const { session } = context;
  const { version, held } = session === undefined ? { version: whole, held: [] } : pruneLocally(whole, session);

  const purged = purger.toDelete(iteration, whole.listedSignatures, catalog, options.versions?.idsOf(iteration));
  let evictedBytes = 0;
  for (const entry of purged) {
    const reply = executor.evict(entry.key);
    if (isPromise(reply)) await reply;
    evictedBytes += catalog.delete(entry);
  }

  const expectedUs = new Float64Array(version.nodeCount);
  for (let i = 0; i < version.nodeCount; i++)
    expectedUs[i] = expectedComputeUs(context, version.signatures[i]!, version.nodes[i]!);
  const problem = problemOf(context, version, held, expectedUs, iteration);
  const fromUs = options.clock?.nowUs();
  const plan = planOf(options, plannerParams, problem, version);
  const planUs = fromUs === undefined ? undefined : (options.clock?.nowUs() ?? 0) - fromUs;
  context.viewState.iteration = iteration.iteration;
  context.viewState.pending.clear();
  for (let i = 0; i < version.nodeCount; i++)
    if (plan.states[i] === LOAD) context.viewState.pending.add(version.signatures[i]!);

  const setting = { policy: switches.inRunCache, memoryBytes: options.memoryBytes ?? Number.POSITIVE_INFINITY };
  const executions = executionsOf(version, setting, problem.computeUs, (i) => memoryBytesOf(version.nodes[i]!));
  const states = held.length === 0 ? plan.states : statesWithout(held, plan.states);
  const run = new IterationRun(context, iteration, version, states, executions, expectedUs, held);
  try {
    await run.execute(stepsOf(context, version, run));
    if (context.materializer.kind === "batch" && context.graph !== undefined)
      await settleBatch(context, context.graph, context.materializer, run);
    await session?.take(run);
  } finally {
    await run.live.releaseAll();
  }
  if (options.uses !== undefined && mayForget(options)) forgetDone(context, options.uses, iteration, whole);
  if (options.uses !== undefined && mayRetire(options, context)) retireVertices(context, options.uses, iteration);

  const { charges, live, storage } = run;
  const computeUs = clockedUs(options, run);
  const row = {
    iteration: iteration.iteration,
    changeType: iteration.changeType,
    runUs: sumExact(`the run time of iteration ${iteration.iteration}`, computeUs, charges.loadUs, charges.writeUs),
    computeUs,
    loadUs: charges.loadUs,
    writeUs: charges.writeUs,
    storedBytes: catalog.usedBytes,
    evictedBytes: evictedBytes + storage.evictedBytes,
    peakBytes: live.peakBytes,
    computed: charges.computed,
    loaded: charges.loaded,
    pruned: version.distinctCount - charges.computed - charges.loaded,
  };
  return {
    row,
    report: (finished) => reportIteration(context, run, finished, { purged, plannedUs: plan.costUs, planUs }),
  };
}

/** True if nobody can ask for a stored result once the last version that has it is over, nor wants to see what is stored. */
function mayForget({ system, materializer, onIteration }: LoopOptions): boolean {
  const { purge, localPruning } = system.switches;
  const readsRoomOnly = materializer.kind === "online" && materializer.roomOnly === true;
  return readsRoomOnly && purge === "none" && localPruning !== true && onIteration === undefined;
}

/** Forgets stored results that no later version has; they take room as before. O(listed nodes). */
function forgetDone(
  { catalog, executor }: RunContext,
  uses: SignatureUses,
  { iteration, nodes }: Iteration,
  { listedSignatures }: PreparedVersion,
): void {
  for (const [listed, { signature }] of nodes.entries()) {
    const entry = catalog.get(listedSignatures[listed]!);
    if (entry === undefined || !uses.isLast(signature, iteration)) continue;
    catalog.forget(entry);
    void executor.evict(signature);
  }
}

/** True if nobody can ask for what the experiment graph says of vertices without content once no version has them any more. */
function mayRetire({ system, materializer, graph }: LoopOptions, { materializerParams }: RunContext): boolean {
  return (
    materializer.kind === "batch" &&
    materializer.candidatesOnly?.(materializerParams) === true &&
    system.switches.localPruning !== true &&
    graph === undefined
  );
}

/** Shortens the experiment graph now and then, so that a version costs O(its nodes) on average. */
function retireVertices({ graph, catalog, growth }: RunContext, uses: SignatureUses, { iteration }: Iteration): void {
  if (graph === undefined || graph.vertexCount < growth.retireAt) return;
  graph.retire((signature) => !uses.isLast(signature, iteration));
  for (const entry of catalog.entries()) entry.vertex = noVertex;
  growth.retireAt = Math.max(firstRetirement, 2 * graph.vertexCount);
}

/**
 * The reuse problem as the planner may know it: expected costs, nothing for what is in the user's memory, and a load cost only
 * where a reusable result is stored.
 */
function problemOf(
  context: RunContext,
  version: PreparedVersion,
  held: LocallyPruned["held"],
  expectedUs: Float64Array,
  iteration: Iteration,
): ReuseProblem {
  const { nodeCount, nodes, signatures, parentOffsets, parentIds, outputs } = version;
  const { catalog, switches } = context;
  const computeUs = held.length === 0 ? expectedUs : expectedUs.map((us, i) => (held[i] === undefined ? us : 0));
  const loadUs = new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
  let totalUs = 0;
  for (let i = 0; i < nodeCount; i++) {
    const signature = signatures[i]!;
    totalUs += computeUs[i]!;
    const entry = catalog.get(signature);
    if (entry === undefined || held[i] !== undefined) continue;
    if (version.volatile[i] === 1 && !switches.reuseNondeterministic) continue;
    loadUs[i] = expectedLoadUs(context, signature, nodes[i]!, entry.bytes);
    totalUs += loadUs[i]!;
  }
  if (totalUs > maxExact)
    throw new WorkflowError(`iteration ${iteration.iteration}: all costs together reach 2^53 µs; scale them down`);
  return { nodeCount, parentOffsets, parentIds, computeUs, loadUs, outputs };
}

function planOf({ planner }: LoopOptions, params: object, problem: ReuseProblem, version: PreparedVersion): ReusePlan {
  const plan = callPlugIn("planner", planner.id, () => planner.plan(problem, params));
  validatePlan(planner.id, problem, plan, (i) => version.nodes[i]?.id ?? `${i}`);
  return plan;
}

function stepsOf(context: RunContext, version: PreparedVersion, run: IterationRun): Step[] {
  const { executor, materializer, switches } = context;
  const { states } = run;
  if (switches.fusedWhole && states.every((state) => state === COMPUTE)) return wholeStep(version);
  if (!executor.capabilities.fusesSegments) return singleSteps(version, states);
  const neverKeeps = materializer.kind === "online" && materializer.neverKeeps === true;
  return fusedSteps(version, states, (i) => !neverKeeps && run.storage.mayStore(i));
}

/** Compute time of the row: what was charged by node, but recorded segments and whole versions by their recorded time. */
function clockedUs(options: LoopOptions, run: IterationRun): number {
  const { executor, system } = options;
  const { charges, executions } = run;
  if (executor.capabilities.measured) return charges.computeUs;
  if (system.switches.fusedWhole) return run.iteration.fusedUs ?? charges.computeUs;
  if (options.chargeSegments !== true) return charges.computeUs;
  const computed = run.states.map((state) => (state === COMPUTE ? 1 : 0));
  const { written } = run.storage;
  const chargedUs = charges.computedUs;
  return (
    charges.computeUs - segmentDiscountUs(run.iteration, run.version, { computed, written, executions, chargedUs })
  );
}
