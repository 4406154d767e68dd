import { WorkflowError } from "../../core/errors.ts";
import type { LearnOp } from "../../core/operators.ts";
import { learners } from "../learners/index.ts";
import type { ExampleFeature, Examples, TrainedModel } from "../learners/learner.ts";
import { type LocalRelation, type OperatorCompiler, type OperatorContext, columnOf, keyOf } from "./registry.ts";
import { withRid } from "./dialect.ts";
import type { ExamplesShape } from "./shape.ts";
import { type Column, type FetchType, fetchColumns, type Steps, work } from "./steps.ts";

/** The examples behind a parent. @throws {WorkflowError} if it is no result of `assemble` */
export function examplesOf(context: OperatorContext, i: number): LocalRelation & { readonly examples: ExamplesShape } {
  const relation = context.relation(i);
  const { examples } = relation;
  if (examples === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" (${context.node.op}) needs examples as parent ${i}; "${context.node.parents[i] ?? "?"}" is no result of assemble`,
    );
  return { ...relation, examples };
}

/**
 * Reads examples in the order of rows into typed arrays, `keys` (integers) beside features and label.
 * `split` limits them to one split; without it all rows come.
 */
export function* readExamples(
  context: OperatorContext,
  relation: LocalRelation & { readonly examples: ExamplesShape },
  keys: readonly string[],
  split?: "train" | "test",
): Steps<Examples> {
  const { examples } = relation;
  const splitColumn = keyOf(context, relation, "split");
  const features = examples.features.map((name) => columnOf(context, relation, name));
  const label = columnOf(context, relation, "label");
  const wanted = [label, ...features, ...keys.map((name) => keyOf(context, relation, name))];
  const source = yield* context.select(relation.space, [splitColumn, ...wanted]);
  const types = wanted.map(({ shape }, i): FetchType => {
    if (i === 0) return "u16";
    if (i > features.length) return "i32";
    if (shape.levels === undefined) return "f64";
    return shape.levels > 0x1_0000 ? "u32" : "u16";
  });
  const where = split === undefined ? "" : ` WHERE "split" = '${split}'`;
  const items = wanted.map(({ shape }) => `"${shape.name}"`).join(", ");
  const columns = yield* fetchColumns(`SELECT ${withRid(context.dialect, items)} FROM (${source})${where}`, types);
  const labels = columns[0] as Uint16Array;
  return {
    rows: labels.length,
    labels,
    labelValues: examples.labels,
    features: features.map(({ shape }, f) => featureOf(columns[f + 1] ?? [], shape.levels)),
    keys: new Map(keys.map((name, k) => [name, columns[1 + features.length + k] as Int32Array])),
  };
}

function featureOf(column: Column, levels: number | undefined): ExampleFeature {
  return levels === undefined
    ? { kind: "numbers", values: column as Float64Array }
    : { kind: "codes", codes: column as Uint16Array, levels };
}

/** Compiles `learn`: the train split is fetched and learned from outside the engine. */
export const compileLearn: OperatorCompiler<LearnOp> = function* (op, context) {
  const learner = learners[op.model];
  if (learner === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: model "${op.model}" of node "${context.node.id}" is not supported; expected one of ${Object.keys(learners).join(", ")}`,
    );
  const examples = yield* readExamples(context, examplesOf(context, 0), learner.keys, "train");
  const from = context.warmStart?.model as TrainedModel | undefined;
  const model = yield* work(`learn ${op.model}`, (signal) => learner.train(op, examples, signal, from));
  return { kind: "model", model };
};
