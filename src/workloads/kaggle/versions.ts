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
import type { Handle } from "../ports.ts";
import {
  type ApplicationFeatures,
  applicationFeatures,
  applicationTable,
  exploreApplications,
  labelOf,
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
import { tableOf } from "./table.ts";

/** Declares one of the workloads. */
export type KaggleVersion = (w: WorkflowBuilder, data: WorkloadData) => void;

interface ApplicationExamples {
  readonly base: Handle<"examples">;
  readonly polynomial: Handle<"examples">;
  readonly domain: Handle<"examples">;
}

/** Examples of script 1: all columns, with products, with a banker's ratios; scaled, as a linear model is among the learners. */
function applicationExamples(w: WorkflowBuilder, features: ApplicationFeatures): ApplicationExamples {
  const { table, base, polynomial, domain } = features;
  const params = { label: labelOf(w, table), positive: "1" };
  return {
    base: w.assemble("examples", table.relation, base, params),
    polynomial: w.assemble("examples.polynomial", table.relation, [...base, ...Object.values(polynomial)], params),
    domain: w.assemble("examples.domain", table.relation, [...base, ...Object.values(domain)], params),
  };
}

/** 1: feature engineering on the applications; logistic regression, random forests, gradient boosting. */
const first: KaggleVersion = (w, data) => {
  const features = applicationFeatures(w, data);
  exploreApplications(w, features.table);
  const examples = applicationExamples(w, features);
  judged(w, "regression", examples.base, regression);
  judged(w, "forest", examples.base, forest);
  judged(w, "forest.polynomial", examples.polynomial, forest);
  judged(w, "forest.domain", examples.domain, forest);
  judged(w, "boosting", examples.base, boosting);
  judged(w, "boosting.domain", examples.domain, boosting);
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
  const examples = applicationExamples(w, applicationFeatures(w, data));
  judged(w, "boosting", examples.base, otherBoosting);
  judged(w, "boosting.polynomial", examples.polynomial, otherBoosting);
  judged(w, "boosting.domain", examples.domain, otherBoosting);
};

/** 5: forks 1, random and grid search of gradient boosting. */
const fifth: KaggleVersion = (w, data) => {
  const { base, domain } = applicationExamples(w, applicationFeatures(w, data));
  judged(w, "boosting", base, boosting);
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
  const features = applicationFeatures(w, data);
  const bureau = withBureau(w, data, features.table);
  const own = {
    ...applicationTable(w, features),
    numbers: Object.keys({ ...features.polynomial, ...features.domain }),
    texts: [],
  };
  const keyed = w.project("application.new", own.relation, ["SK_ID_CURR", ...own.numbers]);
  const both = {
    name: "clients+application",
    relation: w.join("clients+application", bureau.relation, keyed, ["SK_ID_CURR"], ""),
    numbers: [...bureau.numbers, ...own.numbers],
    texts: bureau.texts,
  };
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
