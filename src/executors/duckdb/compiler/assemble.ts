import { WorkflowError } from "../../../core/errors.ts";
import type { AssembleOp } from "../../../core/operators.ts";
import { type Encoding, numerical } from "../../relational/encodings.ts";
import { momentsOf } from "../../relational/moments.ts";
import {
  type LocalColumn,
  type LocalRelation,
  type OperatorCompiler,
  type OperatorContext,
  isCategorical,
  keyOf,
  valueOf,
} from "../../relational/registry.ts";
import { featuresOf } from "../../relational/encodings.ts";
import { ident } from "../../relational/sql.ts";
import { duckDbDialect, text } from "./dialect.ts";
import { query, run, type Steps } from "../../relational/steps.ts";

/**
 * Compiles `assemble`: features become small integer codes (categorical: 1 + rank of the value among the train split's, in
 * code-point order; 0 = none of them or null) or doubles, the label a code. Dictionaries live in the engine as enumeration
 * types while the statement that encodes all features runs; the codes are what is stored, so that a loaded result has the same bits.
 */
export const compileAssemble: OperatorCompiler<AssembleOp> = function* (op, context) {
  const base = context.relation(0);
  if (op.label < 1 || op.label >= context.parents.length)
    throw new WorkflowError(
      `duckdb: node "${context.node.id}" has its label at parent ${op.label}; expected 1 to ${context.parents.length - 1}`,
    );
  const split = keyOf(context, base, "split");
  const features = featuresOf(op, context);
  const label = valueOf(context, op.label);
  const inputs = [...features, label].map((column, i): LocalColumn => ({
    at: column.at,
    shape: { ...column.shape, name: `v${i}` },
  }));
  for (const { space } of context.parents.flatMap((_, i) => [context.relation(i)]))
    if (space !== base.space)
      throw new WorkflowError(`duckdb: node "${context.node.id}" assembles columns of different rows; join them first`);
  yield* context.settle(base.space, [...base.keys, ...inputs], { tables: true });

  const dictionaries = yield* makeDictionaries(context, base, split, inputs, op.positive === "");
  const numeric = inputs.slice(0, -1).filter(({ shape }) => !isCategorical(shape));
  const moments = op.standardise ? yield* momentsOf(context, base, numeric) : [];
  const encodings = inputs.slice(0, -1).map((column, i): Encoding => {
    const rank = numeric.indexOf(column);
    return rank < 0 ? categorical(column, `f${i}`, dictionaries) : numerical(column, `f${i}`, moments[rank]);
  });
  const target = encodeLabel(inputs.at(-1), op, dictionaries);
  const shapes = [target.shape, ...encodings.map(({ shape }) => shape)];

  const table = context.names.table();
  const source = yield* context.select(base.space, [...base.keys, ...inputs]);
  const items = [target, ...encodings].map(({ shape, expr }) => `${expr} AS ${ident(shape.name)}`);
  const keys = base.keys.map(({ shape }) => ident(shape.name));
  yield* run(`CREATE TEMP TABLE ${table} AS SELECT ${[...keys, ...items].join(", ")} FROM (${source})`, table);
  for (const { name } of dictionaries.values()) yield* run(`DROP TYPE ${name}`);
  return {
    kind: "relation",
    space: base.space,
    keys: context.tableColumns(
      base,
      table,
      base.keys.map(({ shape }) => shape),
    ),
    columns: context.tableColumns(base, table, shapes),
    examples: {
      labels:
        op.positive === "" ? (dictionaries.get(inputs.at(-1)?.shape.name ?? "")?.values ?? []) : ["", op.positive],
      features: encodings.map(({ shape }) => shape.name),
    },
  };
};

interface Dictionary {
  /** Name of the engine's enumeration type. */
  readonly name: string;
  readonly size: number;
  /** Filled for a label with many values only. */
  readonly values: readonly string[];
}

/** An enumeration type of the train split's values per categorical column that has no codes of its own. */
function* makeDictionaries(
  context: OperatorContext,
  base: LocalRelation,
  split: LocalColumn,
  inputs: readonly LocalColumn[],
  labelHasMany: boolean,
): Steps<ReadonlyMap<string, Dictionary>> {
  const wanted = inputs.filter(({ shape }, i) =>
    i < inputs.length - 1 ? isCategorical(shape) && shape.levels === undefined : labelHasMany,
  );
  const names = new Map<string, string>();
  for (const column of wanted) {
    const source = yield* context.select(base.space, [split, column]);
    const value = `CAST(${ident(column.shape.name)} AS VARCHAR)`;
    const name = `d_${context.names.table()}`;
    // A label that only the test split has must not pass for another one.
    const rows = column === inputs.at(-1) ? "" : "\"split\" = 'train' AND ";
    yield* run(
      `CREATE TEMP TYPE ${name} AS ENUM (SELECT DISTINCT ${value} AS "value" FROM (${source}) WHERE ${rows}"value" IS NOT NULL ORDER BY "value" NULLS LAST)`,
    );
    names.set(column.shape.name, name);
  }
  if (names.size === 0) return new Map();
  const [sizes] = yield* query(
    `SELECT ${[...names.values()].map((name) => `coalesce(len(enum_range(NULL::${name})), 0)`).join(", ")}`,
  );
  const dictionaries = new Map<string, Dictionary>();
  [...names].forEach(([column, name], i) =>
    dictionaries.set(column, { name, size: Number(sizes?.[i] ?? 0), values: [] }),
  );
  const label = inputs.at(-1)?.shape.name ?? "";
  const own = dictionaries.get(label);
  if (own !== undefined) {
    const values = yield* query(`SELECT unnest(enum_range(NULL::${own.name}))`);
    dictionaries.set(label, { ...own, values: values.map(([value]) => String(value)) });
  }
  return dictionaries;
}

function codeOf(column: LocalColumn, dictionary: Dictionary): string {
  return `enum_code(TRY_CAST(CAST(${ident(column.shape.name)} AS VARCHAR) AS ${dictionary.name}))`;
}

function categorical(column: LocalColumn, name: string, dictionaries: ReadonlyMap<string, Dictionary>): Encoding {
  const dictionary = dictionaries.get(column.shape.name);
  const levels = 1 + (dictionary?.size ?? column.shape.levels ?? 0);
  const code = dictionary === undefined ? ident(column.shape.name) : codeOf(column, dictionary);
  const sqlType = duckDbDialect.codeType(levels);
  return {
    shape: { name, type: "integer", sqlType, role: "categorical", levels },
    expr: `CAST(coalesce(CAST(${code} AS BIGINT) + 1, 0) AS ${sqlType})`,
  };
}

function encodeLabel(
  column: LocalColumn | undefined,
  op: AssembleOp,
  dictionaries: ReadonlyMap<string, Dictionary>,
): Encoding {
  if (column === undefined) throw new WorkflowError("duckdb: assemble without a label");
  const dictionary = dictionaries.get(column.shape.name);
  if (dictionary !== undefined) {
    const sqlType = duckDbDialect.codeType(dictionary.size);
    return {
      shape: { name: "label", type: "integer", sqlType, role: "categorical", levels: dictionary.size },
      expr: `CAST(coalesce(${codeOf(column, dictionary)}, 0) AS ${sqlType})`,
    };
  }
  const value =
    column.shape.type === "text" ? ident(column.shape.name) : `CAST(${ident(column.shape.name)} AS VARCHAR)`;
  return {
    shape: { name: "label", type: "integer", sqlType: "UTINYINT", role: "categorical", levels: 2 },
    expr: `CAST(coalesce(${value} = ${text(op.positive)}, false) AS UTINYINT)`,
  };
}
