import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Executor, ResultHandle } from "../../src/core/executor.ts";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";

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

/** One server, and an executor on each engine, for a test file. */
export function useTwoEngines(): { duckdb(): Executor; spark(): Executor; server(): SparkServer; folder(): string } {
  let server: SparkServer | undefined;
  let duckdb: Executor | undefined;
  let spark: Executor | undefined;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "reuselab-parity-"));
    server = await startSparkServer();
    duckdb = await openDuckDb();
    spark = await openSpark({ server: { host: "127.0.0.1", port: server.port, token: server.token } });
  }, 180_000);
  afterAll(async () => {
    await spark?.close();
    await duckdb?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  const up = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the engines are not up");
    return value;
  };
  return { duckdb: () => up(duckdb), spark: () => up(spark), server: () => up(server), folder: () => folder };
}
