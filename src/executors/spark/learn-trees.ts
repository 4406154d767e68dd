/** Forests and boosted trees: what the workflow's parameters are in MLlib, and how well the trees do on held-out rows. */
import { WorkflowError } from "../../core/errors.ts";
import type { LearnOp } from "../../core/operators.ts";
import { boostingParameters } from "../learners/gradient-boosting.ts";
import { forestParameters } from "../learners/random-forest.ts";
import type { FittedTrees, TreesAsked } from "../relational/learning-steps.ts";
import { areaUnderRocOf } from "../relational/reduce.ts";
import type { OperatorContext } from "../relational/registry.ts";
import type { ModelPayload, ModelRecord } from "../relational/shape.ts";
import type { Steps } from "../relational/steps.ts";
import { sparkDialect } from "./dialect.ts";
import { asDoubles, countTrainRows, trainRows } from "./train-rows.ts";

/** Trees that MLlib holds; only it can apply them. */
export interface ServerTrees extends ModelRecord {
  readonly model: "random-forest" | "gradient-boosting";
  readonly learnedBy: "mllib";
  /** Features they were learned from. */
  readonly featureCount: number;
  readonly trees: number;
  readonly nodes: number;
  readonly importance: Float64Array;
  /** Area under the ROC curve on the rows that were held out, 0.5 unless they have both labels; null if none were to be. */
  readonly validationAuc: number | null;
}

/** What MLlib's files take, about: seen with up to 1,200 nodes. */
const bytesPerModel = 8192;
const bytesPerNode = 32;

/** True for trees that MLlib can grow: boosting neither shrinks leaves (`l2`) nor stops by its own measure (`patience`). */
export function isForMllib(op: LearnOp): boolean {
  if (op.model !== "gradient-boosting") return op.model === "random-forest";
  const { l2, patience } = boostingParameters(op);
  return l2 === 0 && patience === 0;
}

/**
 * MLlib bounds the depth, not the leaves: the depth is the least with room for `maxLeaves`, or `maxDepth`. It draws features for
 * each split also where `featureShare` means each tree.
 */
export function treesAskedBy(op: LearnOp, featureCount: number): TreesAsked {
  const { trees, maxLeaves, maxDepth, minLeafRows, maxBins, seed, ...own } =
    op.model === "random-forest" ? forestParameters(op, featureCount) : boostingParameters(op);
  const isForest = "featuresPerSplit" in own;
  const perSplit = isForest ? own.featuresPerSplit : Math.ceil(own.featureShare * featureCount);
  return {
    trees,
    depth: Math.min(maxDepth, 32 - Math.clz32(maxLeaves - 1)),
    bins: maxBins,
    leafRows: minLeafRows,
    featuresPerSplit: Math.min(perSplit, featureCount),
    seed,
    ...(isForest ? {} : { boosting: { learningRate: own.learningRate, rowShare: own.rowShare } }),
  };
}

/** Learns trees by MLlib from the train split, but for the rows held out of it. */
export function* learnTrees(op: LearnOp, context: OperatorContext): Steps<ModelPayload> {
  const train = yield* trainRows(context);
  const { from, items, features } = train;
  const rows = yield* countTrainRows(context, train);
  const asked = treesAskedBy(op, features.length);
  const every = Number(op["holdOutEvery"] ?? 0);
  const placed = `(SELECT *, row_number() OVER (ORDER BY rid) - 1 AS place FROM ${from})`;
  const [used, held] =
    every === 0
      ? [from]
      : [`${placed} WHERE place % ${every} <> ${every - 1}`, `${placed} WHERE place % ${every} = ${every - 1}`];
  const left = every === 0 ? rows : rows - Math.floor(rows / every);
  if (left === 0)
    throw new WorkflowError(`spark: node "${context.node.id}" holds out all rows; set "holdOutEvery" to 0 or above 1`);

  const fitted = (yield {
    kind: "fit-trees",
    sql: `SELECT ${items} FROM ${used}`,
    features,
    // A category needs a bin of its own, and there are no more bins than rows.
    asked: { ...asked, bins: Math.min(asked.bins, left) },
  }) as FittedTrees;
  const model: ServerTrees = {
    model: op.model as ServerTrees["model"],
    learnedBy: "mllib",
    featureCount: features.length,
    trees: asked.trees,
    nodes: fitted.nodes,
    importance: fitted.importance,
    engineBytes: bytesPerModel + bytesPerNode * fitted.nodes,
    validationAuc: null,
  };
  if (held === undefined) return { kind: "model", model };
  const table = context.names.table();
  yield {
    kind: "score-trees",
    table,
    sql: `SELECT "label", ${asDoubles(features).join(", ")} FROM ${held}`,
    features,
    kept: ["label"],
    model,
  };
  return { kind: "model", model: { ...model, validationAuc: (yield* areaUnderRocOf(sparkDialect, table)) ?? 0.5 } };
}
