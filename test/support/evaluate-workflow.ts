/**
 * A second reading of the operator language: evaluates classification workflows over plain arrays, without an engine.
 * Only the learner is shared with the engines (it has an oracle of its own).
 */
import { readFileSync } from "node:fs";
import type { Operator } from "../../src/core/operators.ts";
import type { WorkflowVersion } from "../../src/core/workflow.ts";
import type { ExampleFeature } from "../../src/executors/learners/learner.ts";
import { type LogisticModel, trainLogistic } from "../../src/executors/learners/logistic.ts";

type Value = string | number | null;
interface Table {
  readonly split: readonly string[];
  readonly columns: ReadonlyMap<string, readonly Value[]>;
}
interface Assembled {
  readonly split: readonly string[];
  readonly label: readonly boolean[];
  readonly features: readonly ExampleFeature[];
}
interface Predicted {
  readonly split: readonly string[];
  readonly label: readonly boolean[];
  readonly prediction: readonly boolean[];
}
type Result = Table | readonly Value[] | Assembled | LogisticModel | Predicted | number | null;

/** Value of every `accuracy` reducer by node name. */
export async function accuraciesOf({ nodes }: WorkflowVersion): Promise<ReadonlyMap<string, number>> {
  const results = new Map<string, Result>();
  const accuracies = new Map<string, number>();
  let files: Extract<Operator, { op: "source" }>["files"] = [];
  for (const { name, operator: op, parents } of nodes) {
    const inputs = parents.map((parent) => results.get(parent) as Result);
    if (op.op === "source") files = op.files;
    else if (op.op === "scan") results.set(name, scan(files, op.columns));
    else if (op.op === "assemble")
      results.set(name, assemble(tableIn(inputs), op, inputs.slice(1) as (readonly Value[])[]));
    else if (op.op === "learn") results.set(name, await learn(op, inputs[0] as Assembled));
    else if (op.op === "predict")
      results.set(name, predict(inputs[0] as LogisticModel, inputs[1] as Assembled, op.threshold ?? 0.5));
    else if (op.op === "reduce" && op.metric === "accuracy") {
      const { split, label, prediction } = inputs[0] as Predicted;
      const rows = split.flatMap((part, i) => (part === op.split ? [label[i] === prediction[i]] : []));
      accuracies.set(name, rows.filter(Boolean).length / rows.length);
    } else results.set(name, feature(op, inputs, results));
  }
  return accuracies;
}

function tableIn(inputs: readonly Result[]): Table {
  return inputs[0] as Table;
}

function scan(
  files: Extract<Operator, { op: "source" }>["files"],
  columns: readonly { name: string; type: string }[],
): Table {
  const split: string[] = [];
  const values = columns.map((): Value[] => []);
  for (const file of files)
    for (const line of readFileSync(file.path, "utf8").split("\n")) {
      if (line.trim() === "" || line.startsWith("|")) continue;
      split.push(file.split);
      for (const [i, cell] of line.split(",").entries()) {
        const text = cell.trim();
        values[i]?.push(text === "" || text === "?" ? null : columns[i]?.type === "text" ? text : Number(text));
      }
    }
  return { split, columns: new Map(columns.map(({ name }, i) => [name, values[i] ?? []])) };
}

function feature(op: Operator, inputs: readonly Result[], results: ReadonlyMap<string, Result>): readonly Value[] {
  const [first = [], ...others] = inputs as (readonly Value[])[];
  if (op.op === "field") {
    const column = tableIn(inputs).columns.get(op.column) ?? [];
    const ending = op.trimSuffix;
    if (ending === undefined) return column;
    return column.map((value) => (String(value).endsWith(ending) ? String(value).slice(0, -ending.length) : value));
  }
  if (op.op === "bucketise")
    return first.map((x) => (x === null ? null : String(op.edges.filter((edge) => edge <= (x as number)).length)));
  if (op.op === "interaction")
    return first.map((value, i) => {
      const all = [value, ...others.map((other) => other[i] ?? null)];
      return all.includes(null) ? null : all.join("\u001F");
    });
  if (op.op === "expression" && op.fn === "log1p")
    return first.map((x) => (x === null ? null : Math.log1p(x as number)));
  if (op.op === "expression" && op.fn === "square")
    return first.map((x) => (x === null ? null : (x as number) * (x as number)));
  if (op.op === "udf") {
    const columns = Object.fromEntries(op.columns.map((name, i) => [name, (inputs[i] ?? []) as readonly Value[]]));
    return op.fn(columns, op.with) as readonly Value[];
  }
  throw new Error(`the evaluator does not know ${op.op} (${results.size} nodes done)`);
}

function assemble(
  table: Table,
  op: Extract<Operator, { op: "assemble" }>,
  columns: readonly (readonly Value[])[],
): Assembled {
  const isTrain = table.split.map((split) => split === "train");
  const label = (columns[op.label - 1] ?? []).map((value) => value === op.positive);
  const features = columns
    .filter((_, i) => i !== op.label - 1)
    .map((values): ExampleFeature => {
      const known = values.filter((value, i) => isTrain[i] === true && value !== null);
      if (typeof known[0] !== "number") {
        const codes = new Map([...new Set(known)].map((value, i) => [value, i + 1]));
        return {
          kind: "codes",
          codes: Uint32Array.from(values, (value) => codes.get(value) ?? 0),
          levels: codes.size + 1,
        };
      }
      const numbers = known as number[];
      const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
      const deviation = Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / numbers.length);
      return {
        kind: "numbers",
        values: Float64Array.from(values, (x) => (x === null ? 0 : ((x as number) - mean) / (deviation || 1))),
      };
    });
  return { split: table.split, label, features };
}

async function learn(
  op: Extract<Operator, { op: "learn" }>,
  { split, label, features }: Assembled,
): Promise<LogisticModel> {
  const train = split.flatMap((part, i) => (part === "train" ? [i] : []));
  return trainLogistic(op, {
    rows: train.length,
    labels: Uint16Array.from(train, (i) => (label[i] === true ? 1 : 0)),
    labelValues: ["", "positive"],
    features: features.map((feature) =>
      feature.kind === "codes"
        ? { ...feature, codes: Uint32Array.from(train, (i) => feature.codes[i] ?? 0) }
        : { ...feature, values: Float64Array.from(train, (i) => feature.values[i] ?? 0) },
    ),
    keys: new Map(),
  });
}

function predict(model: LogisticModel, { split, label, features }: Assembled, threshold: number): Predicted {
  const prediction = split.map((_, i) => {
    let score = model.intercept;
    for (const [f, feature] of features.entries()) {
      const weights = model.weights[f] ?? new Float64Array(1);
      if (feature.kind === "numbers") score += (weights[0] ?? 0) * (feature.values[i] ?? 0);
      else if (feature.codes[i] !== 0) score += weights[feature.codes[i] ?? 0] ?? 0;
    }
    return 1 / (1 + Math.exp(-score)) >= threshold;
  });
  return { split, label, prediction };
}
