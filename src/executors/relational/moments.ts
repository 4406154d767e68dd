import { type LocalColumn, type LocalRelation, type OperatorContext, keyOf } from "./registry.ts";
import { withRid } from "./dialect.ts";
import { ident } from "./sql.ts";
import { fetchColumns, query, type Row, type Steps } from "./steps.ts";

/** Mean and standard deviation (division by n) of one column over the train split. */
export interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

/** What one look at the train split tells. */
export interface Summary {
  /** Of `columns`, in their order. */
  readonly moments: readonly Moments[];
  /** Answers to `also`. */
  readonly also: Row;
}

/** Further items to ask the train split in the same pass: aggregates over columns that are called `y0`, `y1` … there. */
export interface AlsoAsked {
  readonly columns: readonly LocalColumn[];
  readonly items: readonly string[];
}

/** Moments alone, see {@link summaryOf}. */
export function* momentsOf(
  context: OperatorContext,
  relation: LocalRelation,
  columns: readonly LocalColumn[],
): Steps<readonly Moments[]> {
  return (yield* summaryOf(context, relation, columns, { columns: [], items: [] })).moments;
}

/**
 * Moments whose bits depend neither on threads nor on how the workflow was cut: integers are summed exactly in the engine,
 * doubles in the order of rows outside it.
 */
export function* summaryOf(
  context: OperatorContext,
  relation: LocalRelation,
  columns: readonly LocalColumn[],
  asked: AlsoAsked,
): Steps<Summary> {
  const { dialect } = context;
  const split = keyOf(context, relation, "split");
  const named = columns.map((column, i) => ({ ...column, shape: { ...column.shape, name: `x${i}` } }));
  const isInteger = (i: number): boolean =>
    columns[i]?.shape.type === "integer" || columns[i]?.shape.type === "boolean";
  const integers = named.filter((_, i) => isInteger(i));
  const doubles = named.filter((_, i) => !isInteger(i));
  const values = asked.columns.map((column, i) => ({ ...column, shape: { ...column.shape, name: `y${i}` } }));
  const source = yield* context.select(relation.space, [split, ...named, ...values]);
  const train = `(${source}) WHERE "split" = 'train'`;
  const found = new Map<string, Moments>();
  let also: Row = [];
  if (integers.length + asked.items.length > 0) {
    const items = integers.map(({ shape }) => {
      const x = `CAST(${ident(shape.name)} AS ${dialect.wideType})`;
      return `count(${ident(shape.name)}), CAST(coalesce(sum(${x}), 0) AS ${dialect.textType}), CAST(coalesce(sum(${x} * ${x}), 0) AS ${dialect.textType})`;
    });
    const [row] = yield* query(`SELECT ${[...items, ...asked.items].join(", ")} FROM ${train}`);
    also = row?.slice(3 * integers.length) ?? [];
    integers.forEach(({ shape }, i) => {
      const [n, sum, squares] = [row?.[3 * i], row?.[3 * i + 1], row?.[3 * i + 2]].map((value) => BigInt(value ?? 0));
      found.set(shape.name, exactMoments(n ?? 0n, sum ?? 0n, squares ?? 0n));
    });
  }
  if (doubles.length > 0) {
    const items = doubles.map(({ shape }) => `CAST(${ident(shape.name)} AS DOUBLE)`);
    const arrays = yield* fetchColumns(
      `SELECT ${withRid(dialect, items.join(", "))} FROM ${train}`,
      items.map(() => "f64"),
    );
    doubles.forEach(({ shape }, i) => found.set(shape.name, momentsInOrder(arrays[i] as Float64Array)));
  }
  const moments = named.map(({ shape }) => found.get(shape.name) ?? { mean: 0, deviation: 1 });
  return { moments, also };
}

function exactMoments(n: bigint, sum: bigint, squares: bigint): Moments {
  if (n === 0n) return { mean: 0, deviation: 0 };
  const count = Number(n);
  return { mean: Number(sum) / count, deviation: Math.sqrt(Number(n * squares - sum * sum)) / count };
}

/** Two passes in row order; NaN is null and left out. */
function momentsInOrder(values: Float64Array): Moments {
  let n = 0;
  let sum = 0;
  for (const x of values)
    if (!Number.isNaN(x)) {
      n++;
      sum += x;
    }
  if (n === 0) return { mean: 0, deviation: 0 };
  const mean = sum / n;
  let squares = 0;
  for (const x of values) if (!Number.isNaN(x)) squares += (x - mean) * (x - mean);
  return { mean, deviation: Math.sqrt(squares / n) };
}
