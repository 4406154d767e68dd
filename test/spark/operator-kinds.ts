import { expect } from "vitest";
import type {
  AggregateOp,
  ExpressionOp,
  FieldOp,
  FilterOp,
  LearnOp,
  Operator,
  ReduceOp,
  ScanOp,
  SelectOp,
  TextOp,
} from "../../src/core/operators.ts";

/** Operators that do several things: what tells these apart. */
interface Variants {
  readonly scan: ScanOp["format"];
  readonly field: FieldOp["as"];
  readonly expression: ExpressionOp["fn"];
  readonly filter: FilterOp["compare"];
  readonly aggregate: AggregateOp["measures"][number]["fn"];
  readonly text: TextOp["fn"];
  readonly learn: LearnOp["model"];
  readonly select: SelectOp["by"];
  readonly reduce: ReduceOp["metric"];
}
type Kind = Exclude<Operator["op"], keyof Variants> | { [O in keyof Variants]: `${O} ${Variants[O]}` }[keyof Variants];

/** The test file that holds each kind of operator equal on both engines: a kind without one is no valid table. */
const homes: Readonly<Record<Kind, "parity" | "text-parity">> = {
  source: "parity",
  "scan csv": "parity",
  "scan conll": "text-parity",
  "scan documents": "text-parity",
  "field categorical": "parity",
  "field numeric": "parity",
  bucketise: "parity",
  interaction: "parity",
  "expression log1p": "parity",
  "expression square": "parity",
  "expression standardise": "parity",
  "expression is-positive": "parity",
  assemble: "parity",
  "filter eq": "parity",
  "filter ne": "parity",
  "filter lt": "parity",
  "filter le": "parity",
  "filter gt": "parity",
  "filter ge": "parity",
  "filter not-null": "parity",
  project: "parity",
  extend: "parity",
  join: "parity",
  "aggregate count": "parity",
  "aggregate sum": "parity",
  "aggregate mean": "parity",
  "aggregate min": "parity",
  "aggregate max": "parity",
  "aggregate stddev": "parity",
  "hash-feature": "parity",
  "text lower": "text-parity",
  "text shape": "text-parity",
  "text shape-short": "text-parity",
  "text prefix": "text-parity",
  "text suffix": "text-parity",
  "text is-title": "text-parity",
  "text has-digit": "text-parity",
  "text gazetteer": "text-parity",
  "text sentences": "text-parity",
  "text tokens": "text-parity",
  window: "text-parity",
  "learn logistic-regression": "parity",
  "learn chain-perceptron": "text-parity",
  "learn chain-crf": "text-parity",
  "learn token-perceptron": "text-parity",
  "learn random-forest": "parity",
  "learn gradient-boosting": "parity",
  "select validation-auc": "parity",
  predict: "parity",
  decode: "text-parity",
  "reduce accuracy": "parity",
  "reduce error-rate": "parity",
  "reduce precision-recall-f1": "parity",
  "reduce confusion": "parity",
  "reduce auc": "parity",
  "reduce log-loss": "parity",
  "reduce accuracy-by": "parity",
  "reduce positive-rate": "parity",
  "reduce span-f1": "text-parity",
  "reduce span-count": "text-parity",
  "reduce top-errors": "parity",
  udf: "parity",
  "sql-udf": "parity",
};

function kindsOf(operator: Operator): readonly string[] {
  if (operator.op === "aggregate") return operator.measures.map(({ fn }) => `aggregate ${fn}`);
  if (operator.op === "scan") return [`scan ${operator.format}`];
  if (operator.op === "field") return [`field ${operator.as}`];
  if (operator.op === "expression" || operator.op === "text") return [`${operator.op} ${operator.fn}`];
  if (operator.op === "filter") return [`filter ${operator.compare}`];
  if (operator.op === "learn") return [`learn ${operator.model}`];
  if (operator.op === "select") return [`select ${operator.by}`];
  if (operator.op === "reduce") return [`reduce ${operator.metric}`];
  return [operator.op];
}

/** Notes what one engine computed, kind by kind. */
export class SeenKinds {
  readonly #byEngine = new Map<string, Set<string>>();

  add(engine: string, operator: Operator): void {
    const seen = this.#byEngine.get(engine) ?? new Set();
    this.#byEngine.set(engine, seen);
    for (const kind of kindsOf(operator)) seen.add(kind);
  }

  /** Every kind at home in a test file has run on both engines in it. */
  expectAllOf(file: "parity" | "text-parity"): void {
    const wanted = Object.entries(homes).flatMap(([kind, home]) => (home === file ? [kind] : []));
    expect(wanted.length).toBeGreaterThan(10);
    for (const engine of ["duckdb", "spark"]) {
      const missing = wanted.filter((kind) => this.#byEngine.get(engine)?.has(kind) !== true);
      expect([engine, missing]).toEqual([engine, []]);
    }
  }
}
