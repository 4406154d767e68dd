import { compileSegment } from "../../../src/executors/relational/segment.ts";
import type { Payload } from "../../../src/executors/relational/shape.ts";
import { countingNames } from "../../../src/executors/relational/space.ts";
import type { Row, Step, Steps } from "../../../src/executors/relational/steps.ts";
import { operatorCompilers as duckDbCompilers } from "../../../src/executors/duckdb/compiler/compilers.ts";
import { duckDbDialect } from "../../../src/executors/duckdb/compiler/dialect.ts";
import type { CompileOptions } from "../../../src/executors/relational/segment.ts";
import type { IterationNode } from "../../../src/core/iteration.ts";
import type { Operator } from "../../../src/core/operators.ts";

/** A node whose signature is its id. */
export function node(id: string, operator: Operator, parents: readonly string[] = [], output = false): IterationNode {
  return { id, op: operator.op, signature: `sig-${id}`, parents, operator, output };
}

/** Answers without an engine: every count is 3, every set has three values, every column has two values, learners return `model`. */
export function cannedAnswer(step: Step, model: unknown): unknown {
  if (step.kind === "query") return [answersTo(step.sql)];
  if (step.kind === "fetch")
    return step.types.map((type) =>
      type === "any" ? ["a", "b"] : type === "f64" ? new Float64Array([1, 3]) : new Uint16Array([0, 1]),
    );
  if (step.kind === "fit-logistic" || step.kind === "fit-trees") return model;
  return step.kind === "work" ? (step.what.startsWith("learn") ? model : step.run()) : undefined;
}

/** Items of a query that ask for a set end in a call of three; sixty others are more than any query has. */
function answersTo(sql: string): Row {
  const set = JSON.stringify(["a", `b\\d'\u0001`, "c"]);
  const sets = sql.match(/to_json\(/gu)?.length ?? 0;
  const counts = sets === 0 ? 60 : (sql.match(/count\(|CAST\(coalesce/gu)?.length ?? 0);
  return [...Array.from({ length: counts }, () => 3), ...Array.from({ length: sets }, () => set)];
}

/** Runs a compilation to its end, answering each step. */
export function drive<T>(
  steps: Steps<T>,
  answer: (step: Step) => unknown,
): { readonly value: T; readonly log: readonly string[] } {
  const log: string[] = [];
  let next = steps.next();
  while (next.done !== true) {
    log.push(described(next.value));
    next = steps.next(answer(next.value));
  }
  return { value: next.value, log };
}

function described(step: Step): string {
  if (step.kind === "run") return `${step.sql};`;
  if (step.kind === "query") return `-- answered\n${step.sql};`;
  if (step.kind === "fetch") return `-- fetched as ${step.types.join(", ")}\n${step.sql};`;
  if (step.kind === "fit-logistic")
    return `-- fitted in the engine: l1 ${step.l1}, l2 ${step.l2}, ${step.features.map(({ name, levels }) => `${name} ${levels}`).join(", ")}\n${step.sql};`;
  if (step.kind === "fit-trees")
    return `-- grown in the engine: ${JSON.stringify(step.asked)}, ${step.features.map(({ name, levels }) => `${name} ${levels}`).join(", ")}\n${step.sql};`;
  if (step.kind === "score-trees")
    return `-- scored in the engine: ${step.table} (${[...step.kept, "score"].join(", ")})\n${step.sql};`;
  if (step.kind === "work") return `-- here: ${step.what}`;
  return `-- uploaded: ${step.table} (${step.columns.map(({ name, sqlType }) => `${name} ${sqlType}`).join(", ")}), ${step.rows} rows`;
}

/** The SQL of a segment as one text, and the payloads of its barriers. */
export function sqlOf(
  nodes: readonly IterationNode[],
  barriers: readonly string[],
  inputs: ReadonlyMap<string, Payload> = new Map(),
  model?: unknown,
  { dialect, compilers }: CompileOptions = { dialect: duckDbDialect, compilers: duckDbCompilers },
): { readonly text: string; readonly payloads: ReadonlyMap<string, Payload> } {
  const segment = { nodes, barriers: new Set(barriers) };
  const { value, log } = drive(compileSegment(segment, inputs, countingNames(), { dialect, compilers }), (step) =>
    cannedAnswer(step, model),
  );
  return { text: `${log.join("\n")}\n`, payloads: value };
}
