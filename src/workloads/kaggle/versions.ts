/**
 * The eight workloads over Home Credit.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §7.1, Table 1: what each one does; and the scripts published with their code, which say
 * what is fitted to what, and with which parameters.
 * Departures: those of `features.ts`; a search keeps the best of its models where script 5 fits once more with the best parameters.
 * The number of artifacts is what this decomposition gives (`artifacts.ts` puts it beside theirs).
 */
import type { WorkflowVersion } from "../../core/workflow.ts";
import type { WorkloadData } from "../../core/workload.ts";
import { workflow, type WorkflowBuilder } from "../dsl.ts";
import { cleanedApplications, exploreApplications, sampledNumbers, withDomain, withPolynomials } from "./features.ts";
import { bureauParts, exploreBureau, withBureau, withHistory } from "./histories.ts";
import {
  boosting,
  forest,
  gridSearch,
  judged,
  otherBoosting,
  randomSearch,
  regression,
  scaledTable,
  searched,
  wholeTable,
} from "./models.ts";
import { joined, tableOf, without } from "./table.ts";

/** Declares one of the workloads. */
export type KaggleVersion = (w: WorkflowBuilder, data: WorkloadData) => void;

/** 1: feature engineering on the applications; logistic regression, random forests, gradient boosting. */
const first: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const cleaned = cleanedApplications(w, application);
  exploreApplications(w, application, cleaned);
  const domain = withDomain(w, cleaned);
  const plain = scaledTable(w, "examples", cleaned);
  judged(w, "regression", plain, regression);
  judged(w, "forest", plain, forest);
  judged(w, "forest.polynomial", scaledTable(w, "examples.polynomial", withPolynomials(w, cleaned)), forest);
  judged(w, "forest.domain", scaledTable(w, "examples.domain", domain), forest);
  judged(w, "boosting", wholeTable(w, "examples.raw", cleaned), boosting);
  judged(w, "boosting.domain", wholeTable(w, "examples.raw-domain", domain), boosting);
};

/** 2: bureau and bureau balance joined to the applications; gradient boosting without, with all and with the distinct of them. */
const second: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const parts = bureauParts(w, data);
  exploreBureau(w, parts, application);
  const { all, distinct } = withBureau(w, parts, application);
  judged(w, "boosting.application", wholeTable(w, "examples.application", application), boosting);
  judged(w, "boosting.bureau", wholeTable(w, "examples.bureau", all), boosting);
  judged(w, "boosting.distinct", wholeTable(w, "examples.distinct", distinct), boosting);
};

/** 3: like 2 with everything this bank knows: about a thousand columns. */
const third: KaggleVersion = (w, data) => {
  const clients = withHistory(w, data, tableOf(w, data, "application"));
  judged(w, "boosting.history", wholeTable(w, "examples.history", clients), boosting);
};

/** 4: forks 1, without the ratios; gradient boosting with other parameters. */
const fourth: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const cleaned = cleanedApplications(w, application);
  exploreApplications(w, application, cleaned);
  const plain = scaledTable(w, "examples", cleaned);
  judged(w, "regression", plain, regression);
  judged(w, "forest", plain, forest);
  judged(w, "forest.polynomial", scaledTable(w, "examples.polynomial", withPolynomials(w, cleaned)), forest);
  judged(w, "boosting", plain, otherBoosting);
};

/** 5: forks 1, grid and random search of gradient boosting on samples, before and after feature engineering. */
const fifth: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const cleaned = cleanedApplications(w, application);
  const engineered = withDomain(w, cleaned, withPolynomials(w, cleaned));
  const before = wholeTable(w, "examples.sample", sampledNumbers(w, application, "sample"));
  const after = wholeTable(w, "examples.engineered-sample", sampledNumbers(w, cleaned, "engineered-sample"));
  for (const [name, examples] of [
    ["sample", before],
    ["engineered-sample", after],
  ] as const) {
    judged(w, `boosting.${name}`, examples, boosting);
    searched(w, `grid-search.${name}`, examples, gridSearch);
    searched(w, `random-search.${name}`, examples, randomSearch);
  }
  judged(w, "boosting", wholeTable(w, "examples.raw", cleaned), boosting);
  judged(w, "boosting.engineered", wholeTable(w, "examples.engineered", engineered), boosting);
};

/** 6: the boosting of 4 on the three tables of 2. */
const sixth: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const { all, distinct } = withBureau(w, bureauParts(w, data), application);
  judged(w, "boosting.application", wholeTable(w, "examples.application", application), otherBoosting);
  judged(w, "boosting.bureau", wholeTable(w, "examples.bureau", all), otherBoosting);
  judged(w, "boosting.distinct", wholeTable(w, "examples.distinct", distinct), otherBoosting);
};

/** 7: the boosting of 4 on the features of 3. */
const seventh: KaggleVersion = (w, data) => {
  const clients = withHistory(w, data, tableOf(w, data, "application"));
  judged(w, "boosting.history", wholeTable(w, "examples.history", clients), otherBoosting);
};

/** 8: the features of 1 and 2 joined, gradient boosting. */
const eighth: KaggleVersion = (w, data) => {
  const application = tableOf(w, data, "application");
  const cleaned = cleanedApplications(w, application);
  exploreApplications(w, application, cleaned);
  const { distinct } = withBureau(w, bureauParts(w, data), application);
  const added = without(w, "application.domain", withDomain(w, cleaned), ["TARGET"]);
  const both = joined(w, "clients+application", distinct, added, { on: "SK_ID_CURR", prefix: "new_" });
  judged(w, "boosting.both", wholeTable(w, "examples.both", both), boosting);
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
