/** How features become numbers, on every engine. */
import { standardised } from "./features.ts";
import type { Moments } from "./moments.ts";
import type { AssembleOp } from "../../core/operators.ts";
import { columnOf, type LocalColumn, type OperatorContext, valueOf } from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import { ident } from "./sql.ts";

/** A column of examples: its shape and how it is computed from the inputs. */
export interface Encoding {
  readonly shape: ColumnShape;
  readonly expr: string;
}

/** Features of `assemble` in order: columns of its relation, then what the extractors give. */
export function featuresOf(op: AssembleOp, context: OperatorContext): readonly LocalColumn[] {
  const own = (op.columns ?? []).map((name) => columnOf(context, context.relation(0), name));
  return [...own, ...context.parents.flatMap((_, i) => (i === 0 || i === op.label ? [] : [valueOf(context, i)]))];
}

/** A number feature: standardised if moments are given, 0 for null. */
export function numerical(column: LocalColumn, name: string, moments: Moments | undefined): Encoding {
  const x = `CAST(${ident(column.shape.name)} AS DOUBLE)`;
  return {
    shape: { name, type: "double", sqlType: "DOUBLE", role: "numeric" },
    expr: `coalesce(${moments === undefined ? x : standardised(x, moments)}, 0e0)`,
  };
}
