import type { ColumnSpec } from "../../core/operators.ts";

/** Columns of UCI Adult in the order of its files; the last one is the label, `>50K` or `<=50K` (in adult.test with a full stop). */
export const adultColumns = [
  { name: "age", type: "integer" },
  { name: "workclass", type: "text" },
  { name: "fnlwgt", type: "integer" },
  { name: "education", type: "text" },
  { name: "education-num", type: "integer" },
  { name: "marital-status", type: "text" },
  { name: "occupation", type: "text" },
  { name: "relationship", type: "text" },
  { name: "race", type: "text" },
  { name: "sex", type: "text" },
  { name: "capital-gain", type: "integer" },
  { name: "capital-loss", type: "integer" },
  { name: "hours-per-week", type: "integer" },
  { name: "native-country", type: "text" },
  { name: "income", type: "text" },
] as const satisfies readonly ColumnSpec[];
