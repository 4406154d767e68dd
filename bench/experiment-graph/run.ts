/**
 * What one 1,000-node workload costs against a growing experiment graph: update, materialize, plan. The time may grow with
 * what is stored, not with what is known: both curves, to 10^6 vertices.
 *
 *   npx tsx bench/experiment-graph/run.ts [--sizes 1000,10000,100000,1000000] [--stored 250,500,1000,2000] [--repetitions 9] [--write]
 *
 * `--write` puts the table under results/experiment-graph. Every graph is checked before it is timed: its sums equal a recount.
 * Medians of processor time, sizes interleaved; the same 1,000 results are stored in all graphs of the first curve.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { type CellRecord, renderRecords } from "../../src/cli/print-records.ts";
import type { ColumnBytes } from "../../src/core/iteration.ts";
import type { BatchMaterializer } from "../../src/core/materializer.ts";
import { randomInt, rngStream, type Rng } from "../../src/core/rng.ts";
import { packageRoot, provenance } from "../../src/harness/provenance.ts";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import { resolveParams } from "../../src/simulator/plug-in-params.ts";
import { collabDag } from "../../src/workloads/synthetic/shapes.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000,1000000" },
    stored: { type: "string", default: "250,500,1000,2000" },
    repetitions: { type: "string", default: "9" },
    write: { type: "boolean", default: false },
  },
});
const sizes = values.sizes.split(",").map(Number);
const counts = values.stored.split(",").map(Number);
const repetitions = Number(values.repetitions);
const materializers = ["collab-utility", "collab-storage-aware"].map((id) => materializerById(id) as BatchMaterializer);
const nodes = 1_000;
/** Stored in every graph of the first curve; a workload is as large. */
const usualStored = 1_000;
const columnBytes = 10_000;
const widest = 8;

interface Workload {
  readonly name: string;
  readonly offsets: Int32Array;
  readonly parents: Int32Array;
  readonly computeUs: Float64Array;
  readonly columns: readonly (readonly ColumnBytes[])[];
}

/** A workload whose results have up to eight columns, all but one of them those of their first parent. */
function drawWorkload(rng: Rng, name: string): Workload {
  const { parentOffsets: offsets, parentIds: parents } = collabDag(rng, nodes);
  const computeUs = Float64Array.from({ length: nodes }, () => randomInt(rng, 1, 1e6));
  const columns: ColumnBytes[][] = [];
  for (let i = 0; i < nodes; i++) {
    const inherited = offsets[i] === offsets[i + 1] ? [] : columns[parents[offsets[i]!]!]!;
    columns.push([...inherited.slice(1 - widest), { id: `${name}/${i}`, bytes: columnBytes }]);
  }
  return { name, offsets, parents, computeUs, columns };
}

function update(graph: UnionGraph, { name, offsets, parents, computeUs, columns }: Workload, factor: number): number[] {
  const at: number[] = [];
  for (let i = 0; i < nodes; i++) {
    const sizeBytes = columns[i]!.length * columnBytes + 100;
    at.push(
      graph.update({
        signature: `${name}/${i}`,
        parents: Array.from(parents.subarray(offsets[i], offsets[i + 1]), (p) => at[p]!),
        computeUs: computeUs[i]! + factor,
        loadUs: 100 + Math.round(sizeBytes / 170),
        sizeBytes,
        columns: columns[i]!,
        ...(i % 100 === 99 ? { quality: (i % 7) / 7 } : {}),
      }),
    );
  }
  return at;
}

/** Grows a graph to `size` vertices by the same workloads, of which the first results are stored. */
function grown(size: number): UnionGraph {
  const graph = new UnionGraph();
  for (let k = 0; graph.vertexCount < size; k++) update(graph, drawWorkload(rngStream(1, `grow/${k}`), `w${k}`), 0);
  return graph;
}

const timed = drawWorkload(rngStream(1, "timed"), "timed");

/** Stored: the first so many vertices. @returns microseconds of this process on all cores */
function step(graph: UnionGraph, materializer: BatchMaterializer, stored: number, factor: number): number {
  const params = resolveParams(materializer, {});
  const budgetBytes = (stored / 2) * 3 * columnBytes;
  const storedVertices = Array.from({ length: stored }, (_, v) => v);
  const from = process.cpuUsage();
  const at = update(graph, timed, factor);
  graph.settle(new Set(storedVertices), [...storedVertices, ...at]);
  const selected = new Set(materializer.select(graph, budgetBytes, params));
  const loadUs = Float64Array.from(at, (v) => (selected.has(v) ? graph.loadUs(v) : Number.POSITIVE_INFINITY));
  const outputs = Int32Array.of(nodes - 1);
  const { offsets: parentOffsets, parents: parentIds } = timed;
  linearPass.plan({ nodeCount: nodes, parentOffsets, parentIds, computeUs: timed.computeUs, loadUs, outputs }, {});
  const { user, system } = process.cpuUsage(from);
  return user + system;
}

/** Shares of all vertices add up to 1 if and only if the sum kept is the sum there is. */
function check(graph: UnionGraph): void {
  let sum = 0;
  for (let v = 0; v < graph.vertexCount; v++) sum += graph.recreationShare(v);
  if (Math.abs(sum - 1) > 1e-6) throw new Error(`shares add up to ${sum}`);
}

/** Medians of interleaved repetitions, microseconds; two warm-up rounds. */
function medians(steps: readonly ((factor: number) => number)[]): readonly number[] {
  const times = steps.map(() => [] as number[]);
  for (let r = -2; r < repetitions; r++)
    for (const [i, run] of steps.entries()) {
      const us = run(r + 2);
      if (r >= 0) times[i]!.push(us);
    }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
}

const graphs = sizes.map(grown);
for (const graph of graphs) check(graph);
const rows: CellRecord[] = [];
const add = (
  curve: string,
  materializer: BatchMaterializer,
  points: readonly { readonly size: number; readonly graph: UnionGraph; readonly stored: number }[],
): void => {
  const us = medians(
    points.map(
      ({ graph, stored }) =>
        (factor) =>
          step(graph, materializer, stored, factor),
    ),
  );
  for (const [i, { size, stored }] of points.entries())
    rows.push({
      curve,
      materializer: materializer.id,
      vertices: size,
      stored,
      medianCpuUs: Math.round(us[i]!),
      timesTheFirst: (us[i]! / us[0]!).toFixed(2),
    });
};
const middle = Math.max(
  0,
  sizes.findIndex((size) => size >= 100_000),
);
for (const materializer of materializers) {
  add(
    "by vertices",
    materializer,
    sizes.map((size, i) => ({ size, graph: graphs[i]!, stored: usualStored })),
  );
  add(
    "by stored",
    materializer,
    counts.map((stored) => ({ size: sizes[middle]!, graph: graphs[middle]!, stored })),
  );
}
const columns = ["curve", "materializer", "vertices", "stored", "medianCpuUs", "timesTheFirst"];
process.stdout.write(renderRecords(rows, columns, "csv"));
if (values.write) {
  const folder = join(packageRoot(), "results", "experiment-graph");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "scale.csv"), renderRecords(rows, columns, "csv"));
  const { cpu, cores, node, commit } = provenance();
  writeFileSync(
    join(folder, "README.md"),
    `# One 1,000-node workload against a growing experiment graph\n\nMade by \`npx tsx bench/experiment-graph/run.ts --write\`: update, materialize and plan (linear pass); medians of ${repetitions} interleaved\nrepetitions, in processor time, on ${cpu}, ${cores} cores, Node ${node}, commit ${commit?.slice(0, 7) ?? "unknown"}. At most 2 times the first row of \`by vertices\` is asked for.\n\n${renderRecords(rows, columns, "md")}`,
  );
}
