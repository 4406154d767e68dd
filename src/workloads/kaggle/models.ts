/** Learners of the Kaggle workloads with their parameters, fixed before anything was timed. */
import type { LearnOp } from "../../core/operators.ts";
import { randomInt, randomPick, rngStream } from "../../core/rng.ts";
import type { WorkflowBuilder } from "../dsl.ts";
import type { Handle } from "../ports.ts";
import { labelOf } from "./features.ts";
import { type Table, without } from "./table.ts";

/** A learner with its parameters. */
export type Learner = Omit<LearnOp, "op">;

/** 63 bins, as LightGBM advises where speed counts. */
const usual = { maxBins: 63 } as const;

/** Boosting of the scripts, but for 4 and what takes it from there. */
export const boosting: Learner = {
  model: "gradient-boosting",
  ...usual,
  trees: 100,
  learningRate: 0.05,
  maxLeaves: 31,
  l2: 0.1,
  rowShare: 0.8,
};

/** Workload 4, and with it 6 and 7: shallower trees that learn faster. */
export const otherBoosting: Learner = { ...boosting, model: "gradient-boosting", learningRate: 0.1, maxDepth: 7 };

export const forest: Learner = { model: "random-forest", ...usual, trees: 100, minLeafRows: 5 };
export const regression: Learner = { model: "logistic-regression", l2: 1, maxIterations: 50 };

/** Searches judge on every fifth row, held out. */
const tried: Learner = { ...boosting, model: "gradient-boosting", holdOutEvery: 5 };

/** Six points of a grid, as many as script 5 looks at. */
export const gridSearch: readonly Learner[] = [0.05, 0.1, 0.2].flatMap((learningRate) =>
  [20, 31].map((maxLeaves): Learner => Object.assign({}, tried, { learningRate, maxLeaves })),
);

/** Five points drawn once, by seed 1. */
export const randomSearch: readonly Learner[] = (() => {
  const rng = rngStream(1, "kaggle/random-search");
  return Array.from({ length: 5 }, (): Learner => ({
    ...tried,
    model: "gradient-boosting",
    learningRate: randomPick(rng, [0.005, 0.02, 0.05, 0.12, 0.5]),
    maxLeaves: randomInt(rng, 20, 150),
    minLeafRows: randomInt(rng, 20, 500),
    l2: randomPick(rng, [0, 0.25, 0.5, 1]),
    featureShare: randomPick(rng, [0.6, 0.8, 1]),
  }));
})();

/** Trains on examples and says how well it does on the test part; the value is an output. */
export function judged(w: WorkflowBuilder, name: string, examples: Handle<"examples">, learner: Learner): void {
  judgedModel(w, name, examples, w.learner(name, examples, learner));
}

/** A search: one model for each point, the best on its held-out rows is judged. */
export function searched(
  w: WorkflowBuilder,
  name: string,
  examples: Handle<"examples">,
  learners: readonly Learner[],
): void {
  const models = learners.map((learner, i) => w.learner(`${name}.${i + 1}`, examples, learner));
  judgedModel(w, name, examples, w.select(name, models));
}

function judgedModel(w: WorkflowBuilder, name: string, examples: Handle<"examples">, model: Handle<"model">): void {
  const predictions = w.predictions(`${name}.predictions`, model, examples);
  w.output(w.reducer(`${name}.auc`, predictions, { metric: "auc", split: "test" }));
}

/** All feature columns of a table as examples, ids and label dropped first; null becomes 0, as trees need no scale. */
export function wholeTable(w: WorkflowBuilder, name: string, table: Table): Handle<"examples"> {
  const features = without(w, `${name}.features`, table, table.ids);
  return assembled(w, name, table, features, false);
}

/** The same, scaled, as a linear model is among the learners. */
export function scaledTable(w: WorkflowBuilder, name: string, table: Table): Handle<"examples"> {
  return assembled(w, name, table, without(w, `${name}.features`, table, ["TARGET"]), true);
}

function assembled(
  w: WorkflowBuilder,
  name: string,
  table: Table,
  { relation, numbers, texts }: Table,
  standardise: boolean,
): Handle<"examples"> {
  const columns = [...numbers, ...texts];
  return w.assemble(name, relation, [], { label: labelOf(w, table), positive: "1", standardise, columns });
}
