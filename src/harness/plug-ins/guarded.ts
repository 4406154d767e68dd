/** Plug-ins as runs call them: on copies of what the run owns, compared after each call. */
import { PlugInError } from "../../core/errors.ts";
import type { ExperimentGraph } from "../../core/experiment-graph.ts";
import type { FinishedResult, Materializer, RunningWorkflow } from "../../core/materializer.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";
import type { ReuseProblem } from "../../core/problem.ts";

const problemArrays = ["parentOffsets", "parentIds", "computeUs", "loadUs", "outputs"] as const;
const workflowArrays = ["parentOffsets", "parentIds", "computeUs", "spentUs"] as const;

type Arrays<Name extends string> = Readonly<Record<Name, Int32Array | Float64Array>>;

/**
 * The planner on a copy of each problem, O(V + E) more a call: what it writes there reaches nobody.
 *
 * `plan` throws {@link PlugInError} naming the array that it changed.
 */
export function guardedPlanner<P>(planner: ReusePlanner<P>): ReusePlanner<P> {
  return withMethods(planner, {
    plan(problem: ReuseProblem, params: P) {
      const shown = { ...problem, ...copyOf(problem, problemArrays) };
      const plan = planner.plan(shown, params);
      expectUnchanged(`planner ${planner.id}`, "the problem", problemArrays, shown, problem);
      return plan;
    },
  });
}

/**
 * The materializer on copies of the workflow's arrays, and on records that cannot be written to.
 *
 * `keep` and `evict` throw {@link PlugInError} naming the array that was changed; writing to anything else throws in the plug-in.
 */
export function guardedMaterializer<P>(materializer: Materializer<P>): Materializer<P> {
  if (materializer.kind === "batch") {
    const graphs = new WeakMap<ExperimentGraph, ExperimentGraph>();
    return withMethods(materializer, {
      select(graph: ExperimentGraph, budgetBytes: number, params: P) {
        const shown = graphs.get(graph) ?? readOnlyGraph(graph);
        graphs.set(graph, shown);
        return materializer.select(shown, budgetBytes, params);
      },
    });
  }
  const workflows = new WeakMap<RunningWorkflow, RunningWorkflow>();
  const onCopy = <T>(result: FinishedResult, call: (shown: FinishedResult) => T): T => {
    const { workflow } = result;
    const shown = workflows.get(workflow) ?? readOnlyWorkflow(workflow);
    workflows.set(workflow, shown);
    shown.computeUs.set(workflow.computeUs);
    shown.spentUs.set(workflow.spentUs);
    const answer = call(Object.freeze({ ...result, workflow: shown }));
    expectUnchanged(`materializer ${materializer.id}`, "the workflow", workflowArrays, shown, workflow);
    return answer;
  };
  return withMethods(materializer, {
    keep: (result: FinishedResult, ...rest: Rest<P>) => onCopy(result, (shown) => materializer.keep(shown, ...rest)),
    ...(materializer.evict === undefined
      ? {}
      : {
          evict: (result: FinishedResult, ...rest: Rest<P>) =>
            onCopy(result, (shown) => materializer.evict?.(shown, ...rest) ?? []),
        }),
  });
}

type Rest<P> = [storage: Parameters<Extract<Materializer<P>, { kind: "online" }>["keep"]>[1], params: P];

/** Everything else is the plug-in's own, also where it is frozen or of a class. */
function withMethods<T extends object>(plugIn: T, methods: Partial<T>): T {
  const properties = Object.entries(methods).map(([name, value]) => [name, { value, enumerable: true }] as const);
  return Object.create(plugIn, Object.fromEntries(properties)) as T;
}

function copyOf<Name extends string, T extends Arrays<Name>>(owner: T, names: readonly Name[]): Pick<T, Name> {
  return Object.fromEntries(names.map((name) => [name, owner[name].slice()])) as Pick<T, Name>;
}

function expectUnchanged<Name extends string>(
  who: string,
  what: string,
  names: readonly Name[],
  shown: Arrays<Name>,
  owned: Arrays<Name>,
): void {
  const changed = names.find((name) => !bytesOf(shown[name]).equals(bytesOf(owned[name])));
  if (changed !== undefined)
    throw new PlugInError(`${who}: changed ${changed} of ${what} it was shown; plug-ins never write to their input`);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function readOnlyWorkflow(workflow: RunningWorkflow): RunningWorkflow {
  const nodes = workflow.nodes.map(frozen);
  return Object.freeze({ ...workflow, ...copyOf(workflow, workflowArrays), nodes: Object.freeze(nodes) });
}

/** Nothing but what the interface has, lists that cannot be written to. */
function readOnlyGraph(graph: ExperimentGraph): ExperimentGraph {
  const shown: ExperimentGraph = {
    get vertexCount() {
      return graph.vertexCount;
    },
    signature: (vertex) => graph.signature(vertex),
    idOf: (signature) => graph.idOf(signature),
    parents: (vertex) => Object.freeze(graph.parents(vertex).slice()),
    frequency: (vertex) => graph.frequency(vertex),
    executions: (vertex) => graph.executions(vertex),
    computeUs: (vertex) => graph.computeUs(vertex),
    loadUs: (vertex) => graph.loadUs(vertex),
    sizeBytes: (vertex) => graph.sizeBytes(vertex),
    quality: (vertex) => graph.quality(vertex),
    columns: (vertex) => frozen(structuredClone(graph.columns(vertex))),
    isSource: (vertex) => graph.isSource(vertex),
    isStored: (vertex) => graph.isStored(vertex),
    hasContent: (vertex) => graph.hasContent(vertex),
    candidates: () => Object.freeze(graph.candidates().slice()),
    recreationUs: (vertex) => graph.recreationUs(vertex),
    potential: (vertex) => graph.potential(vertex),
    potentialShare: (vertex) => graph.potentialShare(vertex),
    recreationShare: (vertex, bytes) => graph.recreationShare(vertex, bytes),
    parts: (vertex) => graph.parts(vertex).slice(),
    partBytes: (part) => graph.partBytes(part),
  };
  return Object.freeze(shown);
}

/** The record itself, frozen with all objects and lists in it; typed arrays stay as they are. */
function frozen<T>(record: T): T {
  const open: unknown[] = [record];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) continue;
    Object.freeze(value);
    open.push(...Object.values(value));
  }
  return record;
}
