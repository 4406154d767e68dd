import type { SourceOp } from "../../core/operators.ts";
import type { WorkflowVersion } from "../../core/workflow.ts";
import { workflow } from "../dsl.ts";
import { adultColumns } from "./columns.ts";

/**
 * Census: does a person earn more than 50K? The DAG of the HELIX demo (edu, age bucket, edu × occ, capital loss → income →
 * incPred → predictions → checked) with the remaining fields of Adult beside them.
 */
export function censusWorkflow(source: SourceOp): WorkflowVersion {
  return workflow((w) => {
    const data = w.source("data", source);
    const rows = w.scan("rows", data, { format: "csv", columns: adultColumns });
    const target = w.field("target", rows, "income", "categorical", { trimSuffix: "." });

    const age = w.field("age", rows, "age", "numeric");
    const ageBucket = w.bucketise("ageBucket", age, [20, 25, 30, 35, 40, 45, 50, 55, 60, 65]);
    const edu = w.field("edu", rows, "education", "categorical");
    const eduNum = w.field("eduNum", rows, "education-num", "numeric");
    const occ = w.field("occ", rows, "occupation", "categorical");
    const eduXocc = w.interaction("eduXocc", [edu, occ]);
    const work = w.field("work", rows, "workclass", "categorical");
    const marital = w.field("marital", rows, "marital-status", "categorical");
    const relation = w.field("relation", rows, "relationship", "categorical");
    const race = w.field("race", rows, "race", "categorical");
    const sex = w.field("sex", rows, "sex", "categorical");
    const country = w.field("country", rows, "native-country", "categorical");
    const hours = w.field("hours", rows, "hours-per-week", "numeric");
    const hoursBucket = w.bucketise("hoursBucket", hours, [20, 35, 40, 45, 50, 60]);
    const weight = w.field("weight", rows, "fnlwgt", "numeric");
    const cg = w.field("cg", rows, "capital-gain", "numeric");
    const cgLog = w.expression("cgLog", cg, "log1p");
    const cgBucket = w.bucketise("cgBucket", cg, [1, 3000, 5000, 7000, 10000, 20000]);
    const cl = w.field("cl", rows, "capital-loss", "numeric");
    const clBucket = w.bucketise("clBucket", cl, [1, 1500, 1800, 2000, 2300]);

    const numeric = [age, eduNum, hours, weight, cgLog, cl];
    const categorical = [edu, ageBucket, eduXocc, occ, work, marital, relation, race, sex, country];
    const income = w.assemble("income", rows, [...numeric, ...categorical, hoursBucket, cgBucket, clBucket], {
      label: target,
      positive: ">50K",
    });

    const incPred = w.learner("incPred", income, { model: "logistic-regression", l2: 0.1, maxIterations: 100 });
    const predictions = w.predictions("predictions", incPred, income);
    w.output(w.reducer("checked", predictions, { metric: "accuracy", split: "test" }));
  });
}
