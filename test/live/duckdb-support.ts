import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDbExecutor, type DuckDbOptions, openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openStore, type ResultStore } from "../../src/executors/store/result-store.ts";
import type { ResultHandle } from "../../src/core/executor.ts";
import type { Iteration, IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";

/** Runs `body` with a folder of its own, deleted afterwards. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "reuselab-duckdb-test-"));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs `body` with an executor on a fresh store. */
export async function withExecutor<T>(
  body: (executor: DuckDbExecutor, store: ResultStore, folder: string) => Promise<T>,
  options: DuckDbOptions = {},
): Promise<T> {
  return inFolder(async (folder) => {
    const store = await openStore(join(folder, "store"), { onWarning: () => {} });
    const executor = await openDuckDb({ store, ...options });
    try {
      return await body(executor, store, folder);
    } finally {
      await executor.close();
      await store.close();
    }
  });
}

/** A node whose signature is its id. */
export function node(id: string, operator: Operator, parents: readonly string[] = []): IterationNode {
  return { id, op: operator.op, signature: `sig-${id}`, parents, operator };
}

/** Computes nodes in groups, each group one segment; every node that a later group reads, and the last, is a barrier. */
export async function computeInGroups(
  executor: DuckDbExecutor,
  groups: readonly (readonly IterationNode[])[],
): Promise<{
  readonly handles: ReadonlyMap<string, ResultHandle>;
  readonly metrics: Readonly<Record<string, number>>;
}> {
  const handles = new Map<string, ResultHandle>();
  const metrics: Record<string, number> = {};
  for (const [g, nodes] of groups.entries()) {
    const inside = new Set(nodes.map(({ id }) => id));
    const readLater = new Set(groups.slice(g + 1).flatMap((group) => group.flatMap(({ parents }) => parents)));
    const last = nodes.at(-1)?.id ?? "";
    const barriers = new Set(
      nodes.filter(({ id, op }) => readLater.has(id) || id === last || op === "reduce").map(({ id }) => id),
    );
    const inputs = new Map<string, ResultHandle>();
    for (const { parents } of nodes)
      for (const parent of parents) {
        const handle = inside.has(parent) ? undefined : handles.get(parent);
        if (handle !== undefined) inputs.set(parent, handle);
      }
    const outcome = await executor.compute({ nodes, barriers }, inputs, {});
    for (const [id, handle] of outcome.results) handles.set(id, handle);
    Object.assign(metrics, outcome.metrics);
  }
  return { handles, metrics };
}

/** Whatever the executor holds is let go. */
export async function releaseAll(executor: DuckDbExecutor, handles: ReadonlyMap<string, ResultHandle>): Promise<void> {
  for (const handle of handles.values()) await executor.release(handle);
}

/** A version as an iteration. */
export function version(nodes: readonly IterationNode[], iteration = 0): Iteration {
  return { iteration, changeType: iteration === 0 ? "initial" : "dpr", nodes };
}
