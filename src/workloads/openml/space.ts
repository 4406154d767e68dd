/**
 * The space of pipelines that the `openml-like` stream draws from: what people run on a small table of 1,000 rows. Popularity,
 * costs, sizes and qualities are assumptions, chosen once for plausibility and tuned to no result.
 */

/** An alternative of a step: how often it is chosen, what it costs and brings. */
export interface StepOption {
  readonly id: string;
  readonly weight: number;
  /** Median compute cost in microseconds. */
  readonly computeUs: number;
  /** Quality it adds. */
  readonly quality: number;
  /** Columns it changes; `all` merges them into `width` new ones. */
  readonly touches: "numeric" | "categorical" | "all" | "none";
  /** Columns of the result of a step that touches all. */
  readonly width?: number;
}

/** A model type. */
export interface ModelOption {
  readonly id: string;
  readonly weight: number;
  /** Median training cost, evaluation included, in microseconds. */
  readonly computeUs: number;
  readonly sizeBytes: number;
  readonly quality: number;
}

/** Pre-processing in order; `none` leaves the step out. */
export const openmlSteps: readonly { readonly op: string; readonly options: readonly StepOption[] }[] = [
  {
    op: "impute",
    options: [
      { id: "none", weight: 3, computeUs: 0, quality: 0, touches: "none" },
      { id: "mean", weight: 4, computeUs: 25_000, quality: 0.002, touches: "numeric" },
      { id: "median", weight: 2, computeUs: 40_000, quality: 0.003, touches: "numeric" },
      { id: "most-frequent", weight: 1, computeUs: 35_000, quality: 0.001, touches: "categorical" },
    ],
  },
  {
    op: "encode",
    options: [
      { id: "none", weight: 2, computeUs: 0, quality: -0.01, touches: "none" },
      { id: "one-hot", weight: 7, computeUs: 60_000, quality: 0.01, touches: "categorical" },
      { id: "ordinal", weight: 1, computeUs: 30_000, quality: 0, touches: "categorical" },
    ],
  },
  {
    op: "scale",
    options: [
      { id: "none", weight: 5, computeUs: 0, quality: 0, touches: "none" },
      { id: "standard", weight: 3, computeUs: 20_000, quality: 0.006, touches: "numeric" },
      { id: "min-max", weight: 2, computeUs: 18_000, quality: 0.004, touches: "numeric" },
    ],
  },
  {
    op: "select",
    options: [
      { id: "none", weight: 7, computeUs: 0, quality: 0, touches: "none" },
      { id: "variance", weight: 2, computeUs: 30_000, quality: 0.002, touches: "all", width: 18 },
      { id: "k-best-10", weight: 1, computeUs: 50_000, quality: 0.004, touches: "all", width: 10 },
      { id: "pca-5", weight: 1, computeUs: 90_000, quality: -0.006, touches: "all", width: 5 },
    ],
  },
];

/** Model types. */
export const openmlModels: readonly ModelOption[] = [
  { id: "random-forest", weight: 5, computeUs: 700_000, sizeBytes: 2_000_000, quality: 0.75 },
  { id: "gradient-boosting", weight: 3, computeUs: 900_000, sizeBytes: 300_000, quality: 0.755 },
  { id: "svm", weight: 4, computeUs: 350_000, sizeBytes: 200_000, quality: 0.74 },
  { id: "logistic-regression", weight: 3, computeUs: 80_000, sizeBytes: 6_000, quality: 0.735 },
  { id: "nearest-neighbours", weight: 2, computeUs: 60_000, sizeBytes: 170_000, quality: 0.71 },
  { id: "decision-tree", weight: 3, computeUs: 25_000, sizeBytes: 20_000, quality: 0.69 },
  { id: "naive-bayes", weight: 1, computeUs: 15_000, sizeBytes: 5_000, quality: 0.72 },
  { id: "perceptron", weight: 1, computeUs: 1_500_000, sizeBytes: 120_000, quality: 0.73 },
];

/** Numeric and categorical columns of the table, bytes of a column, and the cost of reading it. */
export const openmlTable = {
  numeric: 7,
  categorical: 13,
  columnBytes: 8_000,
  readUs: 30_000,
  readBytes: 130_000,
} as const;

/** Share of runs that use a model's default parameters; the others draw one of `settings` alternatives, the first ones most. */
export const openmlParameters = { defaultShare: 0.3, settings: 60 } as const;
