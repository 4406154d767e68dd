/** Learners of the Kaggle workloads with their parameters, fixed before anything was timed. */
import type { LearnOp } from "../../core/operators.ts";
import { randomInt, randomPick, rngStream } from "../../core/rng.ts";
import type { WorkflowBuilder } from "../dsl.ts";
import type { Handle } from "../ports.ts";
import { labelOf } from "./features.ts";
import type { Table } from "./table.ts";

/** A learner with its parameters. */
export type Learner = Omit<LearnOp, "op">;

/** Every fifth row is held out; 63 bins, as LightGBM advises where speed counts. */
const usual = { maxBins: 63, holdOutEvery: 5 } as const;

/** Script 1 to 3: a slow, cautious boosting. */
export const boosting: Learner = {
  model: "gradient-boosting",
  ...usual,
  trees: 100,
  learningRate: 0.1,
  maxLeaves: 31,
  rowShare: 0.8,
  featureShare: 0.8,
  patience: 20,
};

/** Workload 4, and with it 6 to 8: smaller trees, stronger regularisation. */
export const otherBoosting: Learner = {
  ...boosting,
  model: "gradient-boosting",
  trees: 150,
  learningRate: 0.05,
  maxLeaves: 15,
  l2: 5,
  featureShare: 0.5,
};

export const forest: Learner = { model: "random-forest", ...usual, trees: 100, minLeafRows: 5 };
export const regression: Learner = { model: "logistic-regression", l2: 1, maxIterations: 50 };

/** Nine points of a grid. */
export const gridSearch: readonly Learner[] = [0.05, 0.1, 0.2].flatMap((learningRate) =>
  [7, 15, 31].map((maxLeaves): Learner => Object.assign({}, boosting, { learningRate, maxLeaves })),
);

/** Eight points drawn once, by seed 1. */
export const randomSearch: readonly Learner[] = (() => {
  const rng = rngStream(1, "kaggle/random-search");
  return Array.from({ length: 8 }, (): Learner => ({
    ...boosting,
    model: "gradient-boosting",
    learningRate: randomPick(rng, [0.02, 0.05, 0.08, 0.12, 0.18]),
    maxLeaves: randomInt(rng, 4, 40),
    minLeafRows: randomInt(rng, 10, 60),
    l2: randomPick(rng, [0, 1, 5, 20]),
    featureShare: randomPick(rng, [0.3, 0.5, 0.8]),
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

/** All feature columns of a table as examples; null becomes 0, as trees need no scale. */
export function wholeTable(w: WorkflowBuilder, name: string, table: Table): Handle<"examples"> {
  const columns = [...table.numbers, ...table.texts];
  return w.assemble(name, table.relation, [], { label: labelOf(w, table), positive: "1", standardise: false, columns });
}
