/** Families of synthetic planning problems: a name, a seed and an index give the same problem everywhere. */
import type { ReuseProblem } from "../../core/problem.ts";
import { randomInt, randomPick, rngStream, type Rng } from "../../core/rng.ts";
import { clustersDag, erdosRenyiDag } from "./classical-shapes.ts";
import { drawOutputs, withCosts, type CostKnobs, type Dag } from "./dag-builder.ts";
import * as shapes from "./shapes.ts";

/** Knobs of {@link drawProblem}; what is left out is drawn as the family does. */
export interface FamilyKnobs extends Partial<CostKnobs> {
  /** Wanted number of nodes; the result may differ by the size of one building block. */
  readonly nodes?: number;
  /** Share of nodes that join two or three others, 0 … 1; family `collab` only, default the published in-degrees. */
  readonly joins?: number;
}

/** One family. */
export interface ProblemFamily {
  readonly id: string;
  readonly title: string;
  draw(rng: Rng, knobs: FamilyKnobs): ReuseProblem;
}

/** Stored shares and load scales that the families mix unless told otherwise. */
const storedShares = [0.1, 0.3, 0.6, 0.9];
const loadScales = [-1, 0, 1, 2, 3].map((x) => Math.exp(x));

function family(
  id: string,
  title: string,
  sizes: readonly [low: number, high: number],
  shape: (rng: Rng, nodes: number, knobs: FamilyKnobs) => Dag,
): ProblemFamily {
  return {
    id,
    title,
    draw(rng, knobs) {
      const nodes = knobs.nodes ?? randomInt(rng, sizes[0], sizes[1]);
      const dag = shape(rng, nodes, knobs);
      return withCosts(dag, rng, {
        storedShare: knobs.storedShare ?? randomPick(rng, storedShares),
        loadScale: knobs.loadScale ?? randomPick(rng, loadScales),
        sigma: knobs.sigma ?? 1.2,
        query: knobs.query ?? "leaves",
      });
    },
  };
}

/** The released generator as it is: c uniform in 1…99, l in 1…49, stored iff l < c and one in twenty, one query leaf. */
function drawReleased(rng: Rng, knobs: FamilyKnobs): ReuseProblem {
  const steps = knobs.nodes === undefined ? randomInt(rng, 500, 999) : Math.max(1, Math.round(knobs.nodes / 1.42));
  const dag = shapes.collabReleasedDag(rng, steps);
  const n = dag.nodeCount;
  const computeUs = new Float64Array(n);
  const loadUs = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  computeUs[0] = 2;
  loadUs[0] = 1;
  for (let v = 1; v < n; v++) {
    computeUs[v] = randomInt(rng, 1, 99);
    const us = randomInt(rng, 1, 49);
    if (us < computeUs[v]! && rng() < (knobs.storedShare ?? 0.05)) loadUs[v] = us;
  }
  return { ...dag, computeUs, loadUs, outputs: drawOutputs(dag, rng, knobs.query ?? "one") };
}

/** Every family by id. */
export const problemFamilies = {
  collab: family("collab", "Collab-like: the published degrees, honest costs", [500, 2_000], (rng, nodes, { joins }) =>
    joins === undefined ? shapes.collabDag(rng, nodes) : shapes.collabJoinsDag(rng, nodes, joins),
  ),
  "collab-released": {
    id: "collab-released",
    title: "Collab, the released generator",
    draw: drawReleased,
  } satisfies ProblemFamily,
  kaggle: family("kaggle", "Kaggle-like: wide fans of columns", [120, 700], shapes.kaggleDag),
  mlpipe: family("mlpipe", "ML pipelines: columns × folds × models", [150, 1_350], shapes.mlPipelineDag),
  "series-parallel": family("series-parallel", "Random series-parallel", [50, 1_500], shapes.seriesParallelDag),
  layered: family("layered", "Layered, up to two parents", [100, 1_275], (rng, nodes) =>
    shapes.layeredDag(rng, nodes, 25, 2),
  ),
  "layered-dense": family("layered-dense", "Layered, up to four parents", [400, 2_000], (rng, nodes) =>
    shapes.layeredDag(rng, nodes, 40, 4),
  ),
  diamonds: family("diamonds", "Chained diamonds", [30, 300], shapes.diamondDag),
  chains: family("chains", "Chains", [100, 2_000], shapes.chainDag),
  "in-tree": family("in-tree", "In-trees", [100, 2_000], shapes.inTreeDag),
  "erdos-renyi": family("erdos-renyi", "Binomial random graphs", [200, 600], erdosRenyiDag),
  clusters: family("clusters", "Random clusters", [200, 800], clustersDag),
  "out-tree": family("out-tree", "Out-trees", [100, 2_000], shapes.outTreeDag),
} as const satisfies Readonly<Record<string, ProblemFamily>>;

/** Id of a family. */
export type ProblemFamilyId = keyof typeof problemFamilies;

/** All ids, in registry order. */
export const problemFamilyIds = Object.keys(problemFamilies) as readonly ProblemFamilyId[];

/** Draws problem number `index` of a family. Deterministic in all arguments. O(V + E). */
export function drawProblem(
  family: ProblemFamilyId,
  seed: number,
  index: number,
  knobs: FamilyKnobs = {},
): ReuseProblem {
  return problemFamilies[family].draw(rngStream(seed, `problem/${family}/${index}`), knobs);
}
