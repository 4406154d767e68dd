import { WorkflowError } from "../core/errors.ts";
import type { Operator } from "../core/operators.ts";
import { operatorKey } from "../core/signature.ts";

/**
 * Checks what the type of an operator's parameters cannot say.
 *
 * @param name of the node, for the message
 * @param parents of the node, by name
 * @throws {WorkflowError} naming node, parameter and what is expected
 */
export function checkParameters(name: string, operator: Operator, parents: readonly string[]): void {
  const refuse = (problem: string): never => {
    throw new WorkflowError(`workflow: node "${name}" (${operator.op}) ${problem}`);
  };
  if (operator.op === "bucketise") {
    const ascending = operator.edges.every((edge, i, edges) => i === 0 || edge > (edges[i - 1] ?? edge));
    if (operator.edges.length === 0 || !ascending)
      refuse(`has edges [${operator.edges.join(", ")}]; expected at least one, strictly ascending`);
  }
  if (operator.op === "hash-feature" && !(Number.isInteger(operator.buckets) && operator.buckets > 0))
    refuse(`has ${operator.buckets} buckets; expected a positive integer`);
  if (operator.op === "assemble" && operator.columns === undefined && parents.length < 3)
    refuse(`has ${parents.length} parents; expected at least 3`);
  if (operator.op === "assemble" && !(operator.label >= 1 && operator.label < parents.length))
    refuse(`takes its label from parent ${operator.label}; expected 1 to ${parents.length - 1}`);
  if (operator.op === "extend" && operator.columns.length !== parents.length - 1)
    refuse(`names ${operator.columns.length} columns for ${parents.length - 1} features; expected one each`);
  if (operator.op === "reduce" && operator.by !== undefined && !(operator.by >= 1 && operator.by < parents.length))
    refuse(`groups by parent ${operator.by}; expected 1 to ${parents.length - 1}`);
  if (operator.op === "sql-udf")
    for (const [text, index] of operator.text.matchAll(/\$(\d+)/gu))
      if (Number(index) < 1 || Number(index) > parents.length)
        refuse(`names ${text} but has ${parents.length} parents; expected $1 to $${parents.length}`);
  operatorKey(operator); // refuses parameters that are not plain data
}
