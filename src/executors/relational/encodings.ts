/** How features become numbers, on every engine. */
import { standardised } from "./features.ts";
import type { Moments } from "./moments.ts";
import type { LocalColumn } from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import { ident } from "./sql.ts";

/** A column of examples: its shape and how it is computed from the inputs. */
export interface Encoding {
  readonly shape: ColumnShape;
  readonly expr: string;
}

/** A number feature: standardised if moments are given, 0 for null. */
export function numerical(column: LocalColumn, name: string, moments: Moments | undefined): Encoding {
  const x = `CAST(${ident(column.shape.name)} AS DOUBLE)`;
  return {
    shape: { name, type: "double", sqlType: "DOUBLE", role: "numeric" },
    expr: `coalesce(${moments === undefined ? x : standardised(x, moments)}, 0e0)`,
  };
}
