import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Executor, ResultHandle } from "../../src/core/executor.ts";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import type { SharedSparkServer } from "./global-server.ts";
import { SeenKinds } from "./operator-kinds.ts";
import { useSparkServer } from "./shared-server.ts";

/** What {@link computeEach} computed in this file. */
export const seenKinds = new SeenKinds();

/** A cell of a result. */
export type Cell = string | number | boolean | null;

/** Results and metrics of the same nodes on one engine. */
export interface Computed {
  readonly executor: Executor;
  readonly handles: ReadonlyMap<string, ResultHandle>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Columns of a result, rows in order, as a user's function sees them. */
  columns(id: string, names: readonly string[]): Promise<readonly (readonly Cell[])[]>;
}

/** A node whose signature is its id. */
export function node(id: string, operator: Operator, parents: readonly string[] = []): IterationNode {
  return { id, op: operator.op, signature: `sig-${id}`, parents, operator };
}

/** Computes every node as a segment of its own. `given`: results that stand for nodes, by id. */
export async function computeEach(
  executor: Executor,
  nodes: readonly IterationNode[],
  given: ReadonlyMap<string, ResultHandle> = new Map(),
): Promise<Computed> {
  const handles = new Map(given);
  const metrics: Record<string, number> = {};
  const compute = async (each: IterationNode): Promise<ResultHandle> => {
    const inputs = new Map(each.parents.map((id) => [id, handles.get(id)!] as const));
    const outcome = await executor.compute({ nodes: [each], barriers: new Set([each.id]) }, inputs, {});
    Object.assign(metrics, outcome.metrics);
    if (each.operator !== undefined) seenKinds.add(executor.id, each.operator);
    return outcome.results.get(each.id)!;
  };
  for (const each of nodes) if (!handles.has(each.id)) handles.set(each.id, await compute(each));
  return {
    executor,
    handles,
    metrics,
    async columns(id, names) {
      const seen: Cell[][] = [];
      const operator: Operator = {
        op: "udf",
        columns: names,
        returns: { name: "v", type: "integer" },
        source: "",
        with: {},
        fn: (values) => {
          for (const name of names) seen.push([...(values[name] as Cell[])]);
          return (values[names[0]!] ?? []).map(() => 0);
        },
      };
      await executor.release(await compute(node(`probe-${id}-${seen.length}`, operator, [id])));
      return seen;
    },
  };
}

/** An executor on each engine, for a test file; Spark's on the shared server. */
export function useTwoEngines(): {
  duckdb(): Executor;
  spark(): Executor;
  server(): SharedSparkServer;
  folder(): string;
} {
  const shared = useSparkServer();
  let duckdb: Executor | undefined;
  let spark: Executor | undefined;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "reuselab-parity-"));
    duckdb = await openDuckDb();
    const { port, token } = shared.server();
    spark = await openSpark({ server: { host: "127.0.0.1", port, token } });
  });
  afterAll(async () => {
    await spark?.close();
    await duckdb?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const up = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the engines are not up");
    return value;
  };
  return { duckdb: () => up(duckdb), spark: () => up(spark), server: () => shared.server(), folder: () => folder };
}
