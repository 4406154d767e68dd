/**
 * Column lineage: which columns an operator leaves as they are, and what it makes of the others.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §5.3: an untouched column keeps its id, an affected one gets a hash of the operation and
 * the ids it comes from; equal ids mean that equal operations were applied to equal data.
 * Departures: an id covers all input columns that the values depend on, the row order and the rows included, so that a filter
 * affects every column, and a join that may repeat rows those of its left; the order of columns in a relation affects none. Columns are named as engines name them: a
 * result of one column has `value`, examples have `label`, `f0`, `f1` … in the order of their features.
 */
import { WorkflowError } from "./errors.ts";
import type { IterationNode } from "./iteration.ts";
import type { AssembleOp, Operator, TextOp } from "./operators.ts";
import { operationOf, sha256Hex } from "./signature.ts";

/** A column by its name in a relation. */
export interface NamedColumn {
  readonly name: string;
  /** Stands for its content: 16 hexadecimal digits. */
  readonly id: string;
  /** One of the columns that together tell the relation's rows apart. */
  readonly isKey?: true;
}

/** Name of the column of a result that has only one. */
export const onlyColumn = "value";

/**
 * Columns of an operator's result, given those of its parents in order. Pure. A source has one column: its data.
 *
 * @throws {WorkflowError} when the operator names a column that no parent has
 */
export function outputColumns(operator: Operator, inputs: readonly (readonly NamedColumn[])[]): readonly NamedColumn[] {
  const operation = operationOf(operator);
  const everything = inputs.flat().map(({ id }) => id);
  const first = inputs[0] ?? [];
  const made = (name: string, from: readonly string[], part = ""): NamedColumn => ({
    name,
    id: sha256Hex(`${operation}\n${part}\n${from.join("\n")}`).slice(0, 16),
  });
  const pick = (name: string): NamedColumn => {
    const found = first.find((column) => column.name === name);
    if (found === undefined && name === "split") return made(name, everything); // a row key that every scan gives
    if (found === undefined)
      throw new WorkflowError(
        `${operator.op}: reads column "${name}", which its input does not have; it has ${first.map((column) => column.name).join(", ")}`,
      );
    return found;
  };
  switch (operator.op) {
    case "source":
      return [made(onlyColumn, [operator.fingerprint])];
    case "scan":
      // A column depends on how the file is read, not on which other columns are read from it.
      return operator.columns.map(({ name, type }) => ({
        name,
        id: sha256Hex(
          `scan\n${operator.format}\n${JSON.stringify(operator.holdOut ?? null)}\n${name}\n${type}\n${everything.join("\n")}`,
        ).slice(0, 16),
      }));
    case "field": {
      const { id } = pick(operator.column);
      return [operator.trimSuffix === undefined ? { name: onlyColumn, id } : made(onlyColumn, [id])];
    }
    case "project": {
      const kept = operator.columns.map(pick);
      const keepsKeys = keysOf(first).every((name) => operator.columns.includes(name));
      return keepsKeys ? kept : kept.map(({ name, id }) => ({ name, id }));
    }
    case "assemble":
      return examples(operator, (operator.columns ?? []).map(pick), inputs);
    case "filter": {
      const by = pick(operator.column);
      return first.map(({ name, id }) => made(name, [id, by.id], "row"));
    }
    case "extend":
      return [
        ...first,
        ...operator.columns.map((name, i) => ({ name, id: inputs[i + 1]?.[0]?.id ?? made(name, everything).id })),
      ];
    case "join": {
      const keys = [...first, ...(inputs[1] ?? [])]
        .filter(({ name }) => operator.on.includes(name))
        .map(({ id }) => id);
      const rightKeys = keysOf(inputs[1] ?? []);
      // At most one match for each row of the left: its rows stay as they are.
      const keepsRows = rightKeys.length > 0 && rightKeys.every((name) => operator.on.includes(name));
      const left = keepsRows ? first : first.map(({ name, id }) => made(name, [id, ...keys], "left"));
      const right = (inputs[1] ?? [])
        .filter(({ name }) => !operator.on.includes(name))
        .map(({ name, id }) => made(`${operator.prefix}${name}`, [id, ...keys], "right"));
      return [...left, ...right];
    }
    case "aggregate": {
      const keys = operator.keys.map((key) => pick(key).id);
      const of = (kind: string, from: readonly string[]): string =>
        sha256Hex(`aggregate\n${kind}\n${operator.keys.join("\n")}\n${keys.join("\n")}\n${from.join("\n")}`).slice(
          0,
          16,
        );
      return [
        ...operator.keys.map((key) => ({ name: key, id: of(`key ${key}`, []), isKey: true as const })),
        ...operator.measures.map(({ fn, column, as }) => ({
          name: as,
          id: of(fn, column === undefined ? [] : [pick(column).id]),
        })),
      ];
    }
    case "udf": {
      const read = first.filter(({ name }) => operator.columns.includes(name));
      const isRelation = inputs.length === 1 && read.length === operator.columns.length;
      return [made(onlyColumn, isRelation ? read.map(({ id }) => id) : everything)];
    }
    case "text":
      return textColumns(operator.fn).map((name) => made(name, everything, name));
    case "predict":
      return ["label", "prediction", "score"].map((name) => made(name, everything, name));
    case "decode":
      return ["start", "end", "gold", "predicted"].map((name) => made(name, everything, name));
    case "bucketise":
    case "interaction":
    case "expression":
    case "hash-feature":
    case "window":
    case "learn":
    case "select":
    case "reduce":
    case "sql-udf":
      return [made(onlyColumn, everything)];
    default:
      return operator satisfies never;
  }
}

/** Names of the columns that tell rows apart; none where that is unknown. */
function keysOf(columns: readonly NamedColumn[]): readonly string[] {
  return columns.filter(({ isKey }) => isKey === true).map(({ name }) => name);
}

/** Examples: each feature is encoded by itself, whatever stands beside it; the label by its positive value. */
function examples(
  { label, positive, standardise }: AssembleOp,
  own: readonly NamedColumn[],
  inputs: readonly (readonly NamedColumn[])[],
): readonly NamedColumn[] {
  const encoded = (name: string, how: string, { id }: NamedColumn): NamedColumn => ({
    name,
    id: sha256Hex(`assemble\n${how}\n${id}`).slice(0, 16),
  });
  const extractors = inputs.flatMap((columns, i) => (i === 0 || i === label ? [] : columns));
  const how = standardise ? "standardised" : "plain";
  return [
    ...(inputs[label] ?? []).map((column) => encoded("label", `label ${JSON.stringify(positive)}`, column)),
    ...[...own, ...extractors].map((column, i) => encoded(`f${i}`, how, column)),
  ];
}

/** A node as {@link columnsOf} needs it: an iteration's, or a workflow's with its name as id. */
export type DescribedNode = Pick<IterationNode, "id" | "operator" | "parents"> & { readonly signature?: string };

/**
 * Columns of every node (parents first) by id; none for a node without operator and what follows from it.
 *
 * @param known columns by signature; filled, so that versions share what they have in common
 * @throws {WorkflowError} when an operator reads a column that is not there
 */
export function columnsOf(
  nodes: readonly DescribedNode[],
  known: Map<string, readonly NamedColumn[]> = new Map(),
): ReadonlyMap<string, readonly NamedColumn[]> {
  const columns = new Map<string, readonly NamedColumn[]>();
  for (const { id, signature, operator, parents } of nodes) {
    let own = signature === undefined ? undefined : known.get(signature);
    if (own === undefined && operator !== undefined) {
      const inputs = parents.map((parent) => columns.get(parent));
      if (inputs.every((input) => input !== undefined)) own = outputColumns(operator, inputs);
    }
    if (own === undefined) continue;
    if (signature !== undefined) known.set(signature, own);
    columns.set(id, own);
  }
  return columns;
}

function textColumns(fn: TextOp["fn"]): readonly string[] {
  if (fn === "sentences") return ["text"];
  return fn === "tokens" ? ["token", "tag"] : [onlyColumn];
}
