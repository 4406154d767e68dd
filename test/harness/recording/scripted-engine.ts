import { ExecutorError } from "../../../src/core/errors.ts";
import type { Executor, ResultHandle, Segment, SegmentOutcome } from "../../../src/core/executor.ts";
import type { Iteration, IterationNode } from "../../../src/core/iteration.ts";
import type { RecordingEngine } from "../../../src/harness/recording/recording.ts";

/** One engine call as the script saw it. */
export interface Call {
  readonly engine: number;
  readonly what: "open" | "compute" | "write" | "load" | "release" | "evict" | "drop caches" | "close";
  readonly on: string;
}

/** Costs of the scripted engine: by signature, and by engine started (0, 1, …). */
export interface Script {
  readonly fuses: boolean;
  computeUs(node: IterationNode, engine: number): number;
  metrics?(node: IterationNode, engine: number): Readonly<Record<string, number>> | undefined;
  failAt?(call: Call, count: number): boolean;
}

/**
 * An engine with a memory and a store whose times come from a script: fused work costs the sum of its nodes less 10 each after
 * the first. It refuses what no engine could do: computing without inputs, loading what was not written.
 */
export function scriptedEngine(script: Script): { open(): RecordingEngine; readonly calls: Call[] } {
  const calls: Call[] = [];
  let opened = 0;
  return {
    calls,
    open() {
      const engine = opened++;
      let isClosed = false;
      const memory = new Set<ResultHandle>();
      const stored = new Map<string, IterationNode>();
      const note = (what: Call["what"], on: string): void => {
        const call = { engine, what, on };
        calls.push(call);
        if (script.failAt?.(call, calls.length) === true) throw new ExecutorError(`scripted failure at ${what} ${on}`);
      };
      const make = (node: IterationNode): ResultHandle => {
        const handle = { node, memoryBytes: 100, estimatedBytes: 50, rows: 3, payload: node.signature };
        memory.add(handle);
        return handle;
      };
      note("open", "");
      const executor: Executor = {
        id: "scripted",
        title: "Scripted engine",
        capabilities: {
          measured: false,
          fusesSegments: script.fuses,
          measuresBytes: true,
          persistsAcrossSessions: false,
          isDistributed: false,
        },
        compute(segment: Segment, inputs): SegmentOutcome {
          note("compute", segment.nodes.map(({ signature }) => signature).join(" "));
          const own = new Set(segment.nodes.map(({ id }) => id));
          const byId = new Map(segment.nodes.map((node) => [node.id, node]));
          let computeUs = 0;
          let metrics: Record<string, number> | undefined;
          for (const [i, node] of segment.nodes.entries()) {
            for (const parent of node.parents) {
              const input = inputs.get(parent);
              if (!own.has(parent) && (input === undefined || !memory.has(input)))
                throw new ExecutorError(`node ${node.id} lacks input ${parent}`);
            }
            computeUs += script.computeUs(node, engine) - (i > 0 ? 10 : 0);
            const found = script.metrics?.(node, engine);
            if (found !== undefined) metrics = Object.assign(metrics ?? {}, found);
          }
          const results = new Map([...segment.barriers].map((id) => [id, make(byId.get(id) as IterationNode)]));
          const isModel = segment.nodes.some(({ op }) => op === "learn");
          return {
            results,
            computeUs,
            ...(metrics === undefined ? {} : { metrics }),
            ...(isModel ? { quality: 0.75 } : {}),
          };
        },
        write(result, key) {
          note("write", key);
          if (!memory.has(result)) throw new ExecutorError(`${key} was released before its write`);
          stored.set(key, result.node);
          return { bytes: result.node.sizeBytes ?? 0, writeUs: 7 };
        },
        load(key, node) {
          note("load", key);
          if (!stored.has(key)) throw new ExecutorError(`${key} is not stored`);
          return { result: make(node), loadUs: 5 };
        },
        release(result) {
          note("release", result.node.signature);
          if (!memory.delete(result)) throw new ExecutorError(`${result.node.id} was released twice`);
        },
        evict(key) {
          note("evict", key);
          return { freedBytes: stored.delete(key) ? 1 : 0 };
        },
        estimateLoadUs: () => 5,
        estimateWriteUs: () => 7,
        stored: () => new Map([...stored].map(([key, { sizeBytes }]) => [key, { bytes: sizeBytes ?? 0 }])),
        close() {
          if (!isClosed) note("close", "");
          if (memory.size > 0 && !isClosed) throw new ExecutorError(`${memory.size} results were never released`);
          isClosed = true;
        },
      };
      return {
        executor,
        dropCaches(keys) {
          for (const key of keys) note("drop caches", key);
          return true;
        },
        close: () => executor.close(),
      };
    },
  };
}

const node = (id: string, parents: readonly string[], extra: Partial<IterationNode> = {}): IterationNode => ({
  id,
  op: id,
  signature: `s-${id}`,
  parents,
  sizeBytes: 10 * id.length,
  ...extra,
});

/**
 * Three versions; the second has another learner, the third another reducer. `copy` equals `age`; `dead` reaches no output.
 *
 *     data ─ rows ─┬─ age ──┬─ examples ─ model ─ report*
 *                  ├─ copy ─┘
 *                  └─ dead
 */
export const versions: readonly Iteration[] = [0, 1, 2].map((iteration) => {
  const model = node("model", ["examples"], {
    op: "learn",
    operator: { op: "learn", model: "logistic-regression" },
    signature: iteration === 1 ? "s-model2" : "s-model",
  });
  const report = node("report", ["model"], {
    op: "reduce",
    operator: { op: "reduce", metric: "accuracy", split: "test" },
    output: true,
    signature: `s-report${iteration}`,
  });
  return {
    iteration,
    label: `version ${iteration}`,
    changeType: (["initial", "li", "ppr"] as const)[iteration] ?? "ppr",
    nodes: [
      node("data", [], { op: "source" }),
      node("rows", ["data"]),
      node("age", ["rows"]),
      node("copy", ["rows"], { signature: "s-age" }),
      node("dead", ["rows"]),
      node("examples", ["age", "copy"]),
      model,
      report,
    ],
  };
});
