import { WorkflowError } from "../../core/errors.ts";
import type { AssembleOp } from "../../core/operators.ts";
import { featuresOf, type Encoding, numerical } from "../relational/encodings.ts";
import {
  isCategorical,
  type LocalColumn,
  type OperatorCompiler,
  type OperatorContext,
  valueOf,
} from "../relational/registry.ts";
import { ident } from "../relational/sql.ts";
import { run } from "../relational/steps.ts";
import { asText, type Dictionaries, summarise } from "./dictionaries.ts";

/**
 * Compiles `assemble`: features become small integer codes (categorical: 1 + rank of the value among the train split's, in
 * code-point order; 0 = none of them or null) or doubles, the label a code.
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
  const numeric = inputs.filter(({ shape }) => !isCategorical(shape));
  const asked = { base, columns: looked, label };
  const { moments, dictionaries } = yield* summarise(context, source, op.standardise ? numeric : [], asked);
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
  yield* run(
    dialect.createTable(
      table,
      `SELECT ${dictionaries.hint}${items.join(", ")} FROM (${source}) AS s${dictionaries.joins}`,
    ),
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

function categorical(
  { dialect }: OperatorContext,
  column: LocalColumn,
  name: string,
  { codes }: Dictionaries,
): Encoding {
  const dictionary = codes.get(column.shape.name);
  const levels = 1 + (dictionary?.size ?? column.shape.levels ?? 0);
  const code = dictionary === undefined ? `CAST(s.${ident(column.shape.name)} AS BIGINT) + 1` : dictionary.code;
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
      expr: `CAST(coalesce(${dictionary.code} - 1, 0) AS ${sqlType})`,
    };
  }
  const value = asText(dialect.textType, column);
  return {
    shape: { name: "label", type: "integer", sqlType: dialect.flagType, role: "categorical", levels: 2 },
    expr: `CAST(coalesce(${value} = ${dialect.text(positive)}, false) AS ${dialect.flagType})`,
  };
}
