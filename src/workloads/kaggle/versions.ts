/**
 * The eight workloads over Home Credit.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §7.1, Table 1: what each one does; three are published scripts, the others are made of them.
 * Departures: written anew from the descriptions, so the number of artifacts is what this decomposition gives (`artifacts.ts` puts it
 * beside theirs); encoding and imputation are inside `assemble`; one table of many columns is one artifact.
 */
import type { WorkflowVersion } from "../../core/workflow.ts";
import type { WorkloadData } from "../../core/workload.ts";
import { workflow, type WorkflowBuilder } from "../dsl.ts";
import type { Feature, Handle } from "../ports.ts";
import {
  baseFeatures,
  domainFeatures,
  engineeredTable,
  exploreApplications,
  labelOf,
  polynomialFeatures,
  withBureau,
  withHistory,
} from "./features.ts";
import {
  boosting,
  forest,
  gridSearch,
  judged,
  otherBoosting,
  randomSearch,
  regression,
  searched,
  wholeTable,
} from "./models.ts";
import { joined, type Table, tableOf } from "./table.ts";

/** Declares one of the workloads. */
export type KaggleVersion = (w: WorkflowBuilder, data: WorkloadData) => void;

/** Examples of script 1: features of the applications, scaled, as a linear model is among the learners. */
function examplesOf(w: WorkflowBuilder, name: string, table: Table, features: readonly Feature[]): Handle<"examples"> {
  return w.assemble(name, table.relation, features, { label: labelOf(w, table), positive: "1" });
}

/** 1: feature engineering on the applications; logistic regression, random forests, gradient boosting. */
const first: KaggleVersion = (w, data) => {
  const table = tableOf(w, data, "application");
  exploreApplications(w, table);
  const base = baseFeatures(w, table);
  const plain = examplesOf(w, "examples", table, base);
  const polynomial = examplesOf(w, "examples.polynomial", table, [
    ...base,
    ...Object.values(polynomialFeatures(w, table)),
  ]);
  const banker = examplesOf(w, "examples.domain", table, [...base, ...Object.values(domainFeatures(w, table))]);
  judged(w, "regression", plain, regression);
  judged(w, "forest", plain, forest);
  judged(w, "forest.polynomial", polynomial, forest);
  judged(w, "forest.domain", banker, forest);
  judged(w, "boosting", plain, boosting);
  judged(w, "boosting.domain", banker, boosting);
};

/** 2: bureau and bureau balance joined to the applications, gradient boosting without and with them. */
const second: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  judged(w, "boosting.application", wholeTable(w, "examples.application", application), boosting);
  judged(w, "boosting.bureau", wholeTable(w, "examples.bureau", withBureau(w, data, application)), boosting);
};

/** 3: like 2 with everything this bank knows: about a thousand columns. */
const third: KaggleVersion = (w, data) => {
  const clients = withHistory(w, data, tableOf(w, data, "application"));
  judged(w, "boosting.history", wholeTable(w, "examples.history", clients), boosting);
};

/** 4: forks 1, gradient boosting with other parameters. */
const fourth: KaggleVersion = (w, data) => {
  const table = tableOf(w, data, "application");
  const base = baseFeatures(w, table);
  const polynomial = Object.values(polynomialFeatures(w, table));
  const domain = Object.values(domainFeatures(w, table));
  judged(w, "boosting", examplesOf(w, "examples", table, base), otherBoosting);
  judged(
    w,
    "boosting.polynomial",
    examplesOf(w, "examples.polynomial", table, [...base, ...polynomial]),
    otherBoosting,
  );
  judged(w, "boosting.domain", examplesOf(w, "examples.domain", table, [...base, ...domain]), otherBoosting);
};

/** 5: forks 1, random and grid search of gradient boosting. */
const fifth: KaggleVersion = (w, data) => {
  const table = tableOf(w, data, "application");
  const base = baseFeatures(w, table);
  const domain = examplesOf(w, "examples.domain", table, [...base, ...Object.values(domainFeatures(w, table))]);
  judged(w, "boosting", examplesOf(w, "examples", table, base), boosting);
  searched(w, "random-search", domain, randomSearch);
  searched(w, "grid-search", domain, gridSearch);
};

/** 6: the boosting of 4 on the features of 2. */
const sixth: KaggleVersion = (w, data) => {
  const clients = withBureau(w, data, tableOf(w, data, "application"));
  judged(w, "boosting.bureau", wholeTable(w, "examples.bureau", clients), otherBoosting);
};

/** 7: the boosting of 4 on the features of 3. */
const seventh: KaggleVersion = (w, data) => {
  const clients = withHistory(w, data, tableOf(w, data, "application"));
  judged(w, "boosting.history", wholeTable(w, "examples.history", clients), otherBoosting);
};

/** 8: the features of 1 and 2 joined, gradient boosting. */
const eighth: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const bureau = withBureau(w, data, application);
  const both = joined(w, "clients+application", bureau, engineeredTable(w, application), {
    on: ["SK_ID_CURR"],
    prefix: "",
  });
  judged(w, "boosting.both", wholeTable(w, "examples.both", both), otherBoosting);
};

/** The workloads in order: what they do, what they were made from (by place, from 0) and how they differ from it. */
export const kaggleVersions: readonly {
  readonly title: string;
  readonly declare: KaggleVersion;
  readonly base?: number;
  readonly changeType: "dpr" | "li";
}[] = [
  { title: "application features; logistic regression, random forest, boosting", declare: first, changeType: "dpr" },
  { title: "joins with the credit bureau, boosting", declare: second, base: 0, changeType: "dpr" },
  { title: "joins with all earlier loans, boosting", declare: third, base: 1, changeType: "dpr" },
  { title: "1 with other parameters of boosting", declare: fourth, base: 0, changeType: "li" },
  { title: "1 with random and grid search of boosting", declare: fifth, base: 0, changeType: "li" },
  { title: "boosting of 4 on the features of 2", declare: sixth, base: 1, changeType: "li" },
  { title: "boosting of 4 on the features of 3", declare: seventh, base: 2, changeType: "li" },
  { title: "features of 1 and 2 joined, boosting", declare: eighth, base: 1, changeType: "dpr" },
];

/** Workload `number` (1 to 8) as a workflow. */
export function kaggleVersion(number: number, data: WorkloadData): WorkflowVersion {
  const version = kaggleVersions[number - 1];
  if (version === undefined)
    throw new RangeError(`kaggle: there is no workload ${number}; expected 1 to ${kaggleVersions.length}`);
  return workflow((w) => version.declare(w, data));
}
