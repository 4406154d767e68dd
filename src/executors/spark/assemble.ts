import { WorkflowError } from "../../core/errors.ts";
import type { AssembleOp } from "../../core/operators.ts";
import { featuresOf, type Encoding, numerical } from "../relational/encodings.ts";
import { momentsOf } from "../relational/moments.ts";
import {
  isCategorical,
  keyOf,
  type LocalColumn,
  type OperatorCompiler,
  type OperatorContext,
  valueOf,
} from "../relational/registry.ts";
import { ident } from "../relational/sql.ts";
import { query, run, type Steps } from "../relational/steps.ts";

/**
 * Compiles `assemble`: features become small integer codes (categorical: 1 + rank of the value among the train split's, in
 * code-point order; 0 = none of them or null) or doubles, the label a code. One table holds all dictionaries; the statement
 * that encodes looks codes up by joins with its one broadcast, which leave rows where they are.
 */
export const compileSparkAssemble: OperatorCompiler<AssembleOp> = function* (op, context) {
  const { dialect, node } = context;
  const base = context.relation(0);
  if (op.label < 1 || op.label >= context.parents.length)
    throw new WorkflowError(
      `spark: node "${node.id}" has its label at parent ${op.label}; expected 1 to ${context.parents.length - 1}`,
    );
  for (const [i] of context.parents.entries())
    if (context.relation(i).space !== base.space)
      throw new WorkflowError(`spark: node "${node.id}" assembles columns of different rows; join them first`);
  const split = keyOf(context, base, "split");
  const features = featuresOf(op, context);
  const named = (column: LocalColumn, name: string): LocalColumn => ({
    at: column.at,
    shape: { ...column.shape, name },
  });
  const inputs = features.map((column, i) => named(column, `v${i}`));
  const label = named(valueOf(context, op.label), `v${features.length}`);
  const all = [...inputs, label];
  yield* context.settle(base.space, [...base.keys, ...all], { tables: true });

  const source = yield* context.select(base.space, [...base.keys, ...all]);
  const hasManyLabels = op.positive === "";
  const looked = [
    ...inputs.filter(({ shape }) => isCategorical(shape) && shape.levels === undefined),
    ...(hasManyLabels ? [label] : []),
  ];
  const dictionaries = yield* makeDictionaries(context, source, split, { looked, label });
  const numeric = inputs.filter(({ shape }) => !isCategorical(shape));
  const moments = op.standardise ? yield* momentsOf(context, base, numeric) : [];
  const encodings = inputs.map((column, i): Encoding => {
    const rank = numeric.indexOf(column);
    return rank < 0 ? categorical(context, column, `f${i}`, dictionaries) : numerical(column, `f${i}`, moments[rank]);
  });
  const target = encodeLabel(context, label, op.positive, dictionaries);
  const shapes = [target.shape, ...encodings.map(({ shape }) => shape)];

  const table = context.names.table();
  const items = [
    ...base.keys.map(({ shape }) => `s.${ident(shape.name)}`),
    ...[target, ...encodings].map(({ shape, expr }) => `${expr} AS ${ident(shape.name)}`),
    "s.rid",
  ];
  // Every join has the same right side, so that Spark broadcasts it once and not once per feature.
  const joins = [...dictionaries.codes].map(
    ([name, { index }]) =>
      ` LEFT JOIN (SELECT k, code FROM ${dictionaries.table}) AS d${index} ON d${index}.k = '${index} ' || ${asText(dialect.textType, all, name)}`,
  );
  const hint =
    joins.length === 0
      ? ""
      : `/*+ BROADCAST(${[...dictionaries.codes.values()].map(({ index }) => `d${index}`).join(", ")}) */ `;
  yield* run(
    dialect.createTable(table, `SELECT ${hint}${items.join(", ")} FROM (${source}) AS s${joins.join("")}`),
    table,
  );
  const keyShapes = base.keys.map(({ shape }) => shape);
  return {
    kind: "relation",
    space: base.space,
    keys: context.tableColumns(base, table, keyShapes),
    columns: context.tableColumns(base, table, shapes),
    examples: {
      labels: hasManyLabels ? dictionaries.labels : ["", op.positive],
      features: encodings.map(({ shape }) => shape.name),
    },
  };
};

interface Dictionaries {
  readonly table: string;
  /** By input column: which dictionary of the table, and how many values it has. */
  readonly codes: ReadonlyMap<string, { readonly index: number; readonly size: number }>;
  /** Values of a label that has many. */
  readonly labels: readonly string[];
}

function asText(textType: string, columns: readonly LocalColumn[], name: string): string {
  const type = columns.find(({ shape }) => shape.name === name)?.shape.type;
  return type === "text" ? `s.${ident(name)}` : `CAST(s.${ident(name)} AS ${textType})`;
}

/** One pass over the train split; of a label all rows count, as a label that only the test split has must not pass for another one. */
function* makeDictionaries(
  { names, dialect }: OperatorContext,
  source: string,
  split: LocalColumn,
  { looked, label }: { readonly looked: readonly LocalColumn[]; readonly label: LocalColumn },
): Steps<Dictionaries> {
  if (looked.length === 0) return { table: "", codes: new Map(), labels: [] };
  const table = names.table();
  const values = looked.map((column, i) => {
    const value = asText(dialect.textType, looked, column.shape.name);
    const isTrain = `s.${ident(split.shape.name)} = 'train'`;
    return `${i}, ${column === label ? value : `CASE WHEN ${isTrain} THEN ${value} END`}`;
  });
  const stacked = `SELECT stack(${looked.length}, ${values.join(", ")}) AS (c, v) FROM (${source}) AS s`;
  const distinct = `SELECT DISTINCT c, v FROM (${stacked}) WHERE v IS NOT NULL`;
  yield* run(
    dialect.createTable(
      table,
      `SELECT c, v, c || ' ' || v AS k, row_number() OVER (PARTITION BY c ORDER BY v) AS code, 0 AS rid FROM (${distinct})`,
    ),
    table,
  );
  const sizes = new Map(
    (yield* query(`SELECT c, count(*) FROM ${table} GROUP BY c`)).map(([c, n]) => [Number(c), Number(n)] as const),
  );
  const labels = looked.includes(label)
    ? (yield* query(`SELECT v FROM ${table} WHERE c = ${looked.indexOf(label)} ORDER BY code`)).map(([v]) => String(v))
    : [];
  const codes = new Map(
    looked.map(({ shape }, index) => [shape.name, { index, size: sizes.get(index) ?? 0 }] as const),
  );
  return { table, codes, labels };
}

function categorical(
  { dialect }: OperatorContext,
  column: LocalColumn,
  name: string,
  { codes }: Dictionaries,
): Encoding {
  const dictionary = codes.get(column.shape.name);
  const levels = 1 + (dictionary?.size ?? column.shape.levels ?? 0);
  const code =
    dictionary === undefined ? `CAST(s.${ident(column.shape.name)} AS BIGINT) + 1` : `d${dictionary.index}.code`;
  const sqlType = dialect.codeType(levels);
  return {
    shape: { name, type: "integer", sqlType, role: "categorical", levels },
    expr: `CAST(coalesce(${code}, 0) AS ${sqlType})`,
  };
}

function encodeLabel(
  { dialect }: OperatorContext,
  column: LocalColumn,
  positive: string,
  { codes }: Dictionaries,
): Encoding {
  const dictionary = codes.get(column.shape.name);
  if (dictionary !== undefined) {
    const sqlType = dialect.codeType(dictionary.size);
    return {
      shape: { name: "label", type: "integer", sqlType, role: "categorical", levels: dictionary.size },
      expr: `CAST(coalesce(d${dictionary.index}.code - 1, 0) AS ${sqlType})`,
    };
  }
  const value = asText(dialect.textType, [column], column.shape.name);
  return {
    shape: { name: "label", type: "integer", sqlType: dialect.flagType, role: "categorical", levels: 2 },
    expr: `CAST(coalesce(${value} = ${dialect.text(positive)}, false) AS ${dialect.flagType})`,
  };
}
