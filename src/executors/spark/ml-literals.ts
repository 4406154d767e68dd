/** Parameters of MLlib's operators and attributes of its models, as the protocol writes them. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ExecutorError } from "../../core/errors.ts";
import type { Expression_Literal, Expression_LiteralSchema } from "./generated/expressions_pb.ts";

/** A value in protocol form; the type must be the parameter's own. */
export type LiteralInit = MessageInitShape<typeof Expression_LiteralSchema>;

export const integer = (value: number): LiteralInit => ({ literalType: { case: "integer", value } });
export const long = (value: number): LiteralInit => ({ literalType: { case: "long", value: BigInt(value) } });
export const real = (value: number): LiteralInit => ({ literalType: { case: "double", value } });
export const flag = (value: boolean): LiteralInit => ({ literalType: { case: "boolean", value } });
export const string = (value: string): LiteralInit => ({ literalType: { case: "string", value } });

/** A list of names: literals of arrays want the type of their elements. */
export function strings(values: readonly string[]): LiteralInit {
  return {
    literalType: {
      case: "array",
      value: {
        elementType: { kind: { case: "string", value: { collation: "UTF8_BINARY" } } },
        elements: values.map(string),
      },
    },
  };
}

export function numberOf({ literalType }: Expression_Literal): number {
  return Number(literalType.value);
}

/** A vector (struct of type, size, indices, values; sparse or dense) or an array of doubles. */
export function vectorOf(literal: Expression_Literal): Float64Array {
  const { literalType } = literal;
  if (literalType.case === "struct") {
    const [type, size, indices, values] = literalType.value.elements;
    const found = values === undefined ? new Float64Array(0) : vectorOf(values);
    if (type === undefined || numberOf(type) === 1) return found;
    const dense = new Float64Array(size === undefined ? 0 : numberOf(size));
    const at = indices === undefined ? new Float64Array(0) : vectorOf(indices);
    for (const [i, index] of at.entries()) dense[index] = found[i] ?? 0;
    return dense;
  }
  if (literalType.case === "array") return Float64Array.from(literalType.value.elements, numberOf);
  if (literalType.case === "specializedArray")
    return Float64Array.from((literalType.value.valueType.value?.values ?? []) as readonly (number | bigint)[], Number);
  throw new ExecutorError(`spark: a model's vector came as ${literalType.case ?? "nothing"}; expected a struct`);
}
