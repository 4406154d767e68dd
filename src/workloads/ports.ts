import { WorkflowError } from "../core/errors.ts";
import type { Operator, TextOp } from "../core/operators.ts";

/** What flows along an edge: the kind of result a node has. */
export type Port =
  | "source"
  | "relation"
  | "categorical"
  | "numeric"
  | "examples"
  | "model"
  | "predictions"
  | "spans"
  | "metrics";

/** A node as the builder hands it out; `port` makes wiring a type error where the kinds do not fit. */
export interface Handle<P extends Port = Port> {
  readonly name: string;
  readonly port: P;
}

/** A feature extractor's result: one value per row. */
export type Feature = Handle<"categorical"> | Handle<"numeric">;

const feature: readonly Port[] = ["categorical", "numeric"];
const rowwise: readonly Port[] = ["relation", ...feature];

/** Ports of an operator's parents: fixed ones first, then at least `atLeast` and at most `atMost` of `rest`. */
interface Inputs {
  readonly fixed: readonly (readonly Port[])[];
  readonly rest?: readonly Port[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

const one = (...ports: readonly Port[]): Inputs => ({ fixed: [ports] });

const inputsOf: Readonly<Record<Operator["op"], Inputs>> = {
  source: { fixed: [] },
  scan: one("source"),
  field: one("relation"),
  bucketise: one("numeric"),
  interaction: { fixed: [], rest: ["categorical"], atLeast: 2 },
  expression: one("numeric"),
  assemble: { fixed: [["relation"]], rest: feature, atLeast: 1 },
  filter: one("relation", "predictions"),
  project: one("relation", "predictions"),
  extend: { fixed: [["relation"]], rest: feature, atLeast: 1 },
  join: { fixed: [["relation"], ["relation"]] },
  aggregate: one("relation", "predictions"),
  "hash-feature": one("categorical"),
  text: one("relation", "categorical"),
  window: one(...feature),
  learn: one("examples"),
  select: { fixed: [], rest: ["model"], atLeast: 2 },
  predict: { fixed: [["model"], ["examples"]] },
  decode: one("predictions"),
  reduce: { fixed: [["predictions", "spans"]], rest: [...feature, "spans", "predictions"] },
  udf: { fixed: [], rest: rowwise, atLeast: 1 },
  "sql-udf": { fixed: [], rest: feature, atLeast: 1 },
};

/**
 * Checks the ports of a node's parents and says what the node itself yields.
 *
 * @param name of the node, for the message
 * @throws {WorkflowError} when the number or kind of parents does not fit the operator
 */
export function outputPort(name: string, operator: Operator, parents: readonly Handle[]): Port {
  const { fixed, rest, atLeast = 0, atMost } = inputsOf[operator.op];
  const extra = parents.length - fixed.length;
  const most = rest === undefined ? 0 : (atMost ?? Number.POSITIVE_INFINITY);
  if (extra < atLeast || extra > most) {
    const least = fixed.length + atLeast;
    throw new WorkflowError(
      `workflow: node "${name}" (${operator.op}) has ${parents.length} parents; expected ${extra < atLeast ? `at least ${least}` : `at most ${fixed.length + most}`}`,
    );
  }
  for (const [i, parent] of parents.entries()) {
    const allowed = fixed[i] ?? rest ?? [];
    if (!allowed.includes(parent.port))
      throw new WorkflowError(
        `workflow: node "${name}" (${operator.op}) reads "${parent.name}", which yields ${parent.port}; expected ${allowed.join(" or ")} there`,
      );
  }
  return yields(operator, parents);
}

/** What an operator yields; `parent` = the port of its first parent, `parameters` = its own parameters say. */
const yieldOf: Readonly<Record<Operator["op"], Port | "parent" | "parameters">> = {
  source: "source",
  scan: "relation",
  field: "parameters",
  bucketise: "categorical",
  interaction: "categorical",
  expression: "numeric",
  assemble: "examples",
  filter: "parent",
  project: "parent",
  extend: "relation",
  join: "relation",
  aggregate: "relation",
  "hash-feature": "categorical",
  text: "parameters",
  window: "parent",
  learn: "model",
  select: "model",
  predict: "predictions",
  decode: "spans",
  reduce: "metrics",
  udf: "parameters",
  "sql-udf": "parameters",
};

function yields(operator: Operator, parents: readonly Handle[]): Port {
  if (operator.op === "field") return operator.as;
  if (operator.op === "text") return explodes(operator.fn) ? "relation" : "categorical";
  if (operator.op === "udf" || operator.op === "sql-udf")
    return operator.returns.type === "integer" || operator.returns.type === "double" ? "numeric" : "categorical";
  const port = yieldOf[operator.op];
  return port === "parent" || port === "parameters" ? (parents[0]?.port ?? "relation") : port;
}

function explodes(fn: TextOp["fn"]): boolean {
  return fn === "sentences" || fn === "tokens";
}
