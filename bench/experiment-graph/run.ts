/**
 * What one 1,000-node workload costs against a growing experiment graph: update, materialize, plan. The time may grow with
 * what is stored (always the same 1,000 results here), not with what is known.
 *
 *   npx tsx bench/experiment-graph/run.ts [--sizes 1000,10000,100000] [--stored 1000] [--materializer collab-utility] [--repetitions 9]
 *
 * Every size is checked before it is timed: the sums equal a recount. Medians, sizes interleaved.
 */
import { parseArgs } from "node:util";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { BatchMaterializer } from "../../src/core/materializer.ts";
import { randomInt, rngStream, type Rng } from "../../src/core/rng.ts";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import { resolveParams } from "../../src/simulator/plug-in-params.ts";
import { collabDag } from "../../src/workloads/synthetic/shapes.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000" },
    stored: { type: "string", default: "1000" },
    materializer: { type: "string", default: "collab-utility" },
    repetitions: { type: "string", default: "9" },
  },
});
const storedWanted = Number(values.stored);
const materializer = materializerById(values.materializer) as BatchMaterializer;
const params = resolveParams(materializer, {});
const budgetBytes = 50_000 * (storedWanted / 2);
const nodes = 1_000;

interface Workload {
  readonly name: string;
  readonly offsets: Int32Array;
  readonly parents: Int32Array;
  readonly computeUs: Float64Array;
  readonly sizeBytes: Float64Array;
}

function drawWorkload(rng: Rng, name: string): Workload {
  const dag = collabDag(rng, nodes);
  const draw = (high: number): Float64Array => Float64Array.from({ length: nodes }, () => randomInt(rng, 1, high));
  const { parentOffsets: offsets, parentIds: parents } = dag;
  return { name, offsets, parents, computeUs: draw(1e6), sizeBytes: draw(1e5) };
}

function update(
  graph: UnionGraph,
  { name, offsets, parents, computeUs, sizeBytes }: Workload,
  factor: number,
): number[] {
  const at: number[] = [];
  for (let i = 0; i < nodes; i++)
    at.push(
      graph.update({
        signature: `${name}/${i}`,
        parents: Array.from(parents.subarray(offsets[i], offsets[i + 1]), (p) => at[p]!),
        computeUs: computeUs[i]! + factor,
        loadUs: 100 + Math.round(sizeBytes[i]! / 170),
        sizeBytes: sizeBytes[i]!,
        ...(i % 100 === 99 ? { quality: (i % 7) / 7 } : {}),
      }),
    );
  return at;
}

/** Grows a graph to `size` vertices; the first two workloads and the one that is timed are the same for every size. */
function grown(size: number): { graph: UnionGraph; stored: readonly number[] } {
  const graph = new UnionGraph();
  const stored: number[] = [];
  for (let k = 0; graph.vertexCount < size; k++) {
    const at = update(graph, drawWorkload(rngStream(1, `grow/${k}`), `w${k}`), 0);
    if (stored.length < storedWanted) stored.push(...at.slice(0, storedWanted - stored.length));
  }
  return { graph, stored };
}

const timed = drawWorkload(rngStream(1, "timed"), "timed");

function step(graph: UnionGraph, stored: readonly number[], factor: number): { us: number; selected: number } {
  const startUs = systemClock.nowUs();
  const at = update(graph, timed, factor);
  graph.settle(new Set(stored), [...stored, ...at]);
  const selected = new Set(materializer.select(graph, budgetBytes, params));
  const loadUs = Float64Array.from(at, (v) => (selected.has(v) ? graph.loadUs(v) : Number.POSITIVE_INFINITY));
  const outputs = Int32Array.of(nodes - 1);
  const { offsets: parentOffsets, parents: parentIds } = timed;
  linearPass.plan({ nodeCount: nodes, parentOffsets, parentIds, computeUs: timed.computeUs, loadUs, outputs }, {});
  return { us: systemClock.nowUs() - startUs, selected: selected.size };
}

/** Shares of all vertices add up to 1 if and only if the sum kept is the sum there is. */
function check(graph: UnionGraph): void {
  let sum = 0;
  for (let v = 0; v < graph.vertexCount; v++) sum += graph.recreationShare(v);
  if (Math.abs(sum - 1) > 1e-6) throw new Error(`shares add up to ${sum}`);
}

const sizes = values.sizes.split(",").map(Number);
const graphs = sizes.map(grown);
for (const { graph } of graphs) check(graph);
const times = sizes.map(() => [] as number[]);
let selected = 0;
for (let r = -2; r < Number(values.repetitions); r++)
  for (const [i, { graph, stored }] of graphs.entries()) {
    const done = step(graph, stored, r + 2);
    selected = done.selected;
    if (r >= 0) times[i]!.push(done.us);
  }
const medians = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
process.stdout.write(`vertices,stored,selected,medianUs,timesTheFirst\n`);
for (const [i, size] of sizes.entries())
  process.stdout.write(
    `${size},${graphs[i]!.stored.length},${selected},${Math.round(medians[i]!)},${(medians[i]! / medians[0]!).toFixed(2)}\n`,
  );
