import { WorkflowError } from "../../core/errors.ts";
import type { IterationNode } from "../../core/iteration.ts";
import type { Operator } from "../../core/operators.ts";
import type { ColumnShape, ExamplesShape, FilesPayload, MetricsPayload, ModelPayload } from "./shape.ts";
import type { Dialect } from "./dialect.ts";
import type { Names, Space, SpaceColumn } from "./space.ts";
import type { Steps } from "./steps.ts";

/** A column of a relation in a segment: what it is and where it is. */
export interface LocalColumn {
  readonly shape: ColumnShape;
  readonly at: SpaceColumn;
}

/** A relation while its segment is compiled: not computed before something needs it as a table. */
export interface LocalRelation {
  readonly kind: "relation";
  readonly space: Space;
  readonly keys: readonly LocalColumn[];
  readonly columns: readonly LocalColumn[];
  readonly examples?: ExamplesShape;
}

/** What a compiled node gives its children in the segment. */
export type LocalResult = LocalRelation | FilesPayload | ModelPayload | MetricsPayload;

/** A new column, in terms of the aliases of others. */
export interface NewColumn {
  readonly shape: ColumnShape;
  readonly expr: string;
  readonly from: readonly SpaceColumn[];
  /** Worth computing once only: regular expressions, windows, user's SQL. */
  readonly isDear?: boolean;
  /** Cost against other columns, about nanoseconds a row; default 10. */
  readonly weight?: number;
}

/** What the compiler of an operator works with. */
export interface OperatorContext {
  readonly node: IterationNode;
  readonly parents: readonly LocalResult[];
  readonly names: Names;
  readonly dialect: Dialect;
  /** A model that learning may start from. */
  readonly warmStart?: ModelPayload;
  /** Parent `i` as a relation. @throws {WorkflowError} if it is none */
  relation(i: number): LocalRelation;
  /** Parent `i` as a model. @throws {WorkflowError} if it is none */
  model(i: number): ModelPayload;
  /** True if parent `i` is needed after this node, so that reading it from a table costs nothing extra. */
  outlives(i: number): boolean;
  /** A row-aligned result: columns added to the parents' relation. */
  addColumns(base: LocalRelation, columns: readonly NewColumn[]): LocalRelation;
  /** Rows of a space, if they are known. */
  rowsOf(space: Space): number | undefined;
  /** Makes sure that the columns can be read by one statement together (and numbered, if `numbered`). */
  settle(
    space: Space,
    columns: readonly LocalColumn[],
    options?: { readonly numbered?: boolean; readonly tables?: boolean },
  ): Steps<void>;
  /** SELECT text of the columns under their own names, settled before, in the order of rows. */
  select(space: Space, columns: readonly LocalColumn[], where?: string): Steps<string>;
  /** Makes a relation with a row identity of its own out of SELECT text whose output names are those of the shapes. */
  newSpace(
    sql: string,
    keys: readonly ColumnShape[],
    columns: readonly ColumnShape[],
    options?: {
      /** Its `rid` ascends in the order of rows but has gaps; a table made of it is numbered anew. */
      readonly hasGaps?: boolean;
    },
  ): Steps<LocalRelation>;
  /** Columns of a table just made, with the same rows as `base`. */
  tableColumns(base: LocalRelation, table: string, shapes: readonly ColumnShape[]): readonly LocalColumn[];
}

/**
 * Compiles one operator type. A generator if it needs the engine's answers: it yields {@link Steps} only where the engine must answer before it can go on
 * (dictionaries, models); row-aligned operators just add columns.
 */
export type OperatorCompiler<O extends Operator = Operator> = (
  op: O,
  context: OperatorContext,
) => LocalResult | Steps<LocalResult>;

/** One compiler per operator type; add yours to the engine's `compilers.ts`. */
export type CompilerRegistry = { readonly [K in Operator["op"]]?: OperatorCompiler<Extract<Operator, { op: K }>> };

/** The single column of a feature extractor's relation. @throws {WorkflowError} if there are several */
export function valueOf(context: OperatorContext, i: number): LocalColumn {
  const [column, ...others] = context.relation(i).columns;
  if (column === undefined || others.length > 0)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" (${context.node.op}) reads one column of its parent "${context.node.parents[i] ?? "?"}", which has ${others.length + (column === undefined ? 0 : 1)}; pass a feature extractor`,
    );
  return column;
}

/** A named column of a relation, keys included. @throws {WorkflowError} naming those there are */
export function columnOf(context: OperatorContext, relation: LocalRelation, name: string): LocalColumn {
  const all = [...relation.columns, ...relation.keys];
  const found = all.find(({ shape }) => shape.name === name);
  if (found === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" reads column "${name}"; its parent has ${all.map(({ shape }) => shape.name).join(", ")}`,
    );
  return found;
}

/** A key of a space, `split` for one. @throws {WorkflowError} if the space lacks it */
export function keyOf(context: OperatorContext, relation: LocalRelation, name: string): LocalColumn {
  const found = relation.keys.find(({ shape }) => shape.name === name);
  if (found === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" (${context.node.op}) needs the rows' "${name}", which their source does not give`,
    );
  return found;
}

/** True if a learner takes the column by value classes rather than by size. */
export function isCategorical(shape: ColumnShape): boolean {
  return (shape.role ?? (shape.type === "text" ? "categorical" : "numeric")) === "categorical";
}
