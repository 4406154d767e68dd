import { ExecutorError, WorkflowError } from "../../core/errors.ts";
import type { Segment } from "../../core/executor.ts";
import type { IterationNode } from "../../core/iteration.ts";
import { type Dialect } from "./dialect.ts";
import type {
  CompilerRegistry,
  LocalColumn,
  LocalRelation,
  LocalResult,
  OperatorCompiler,
  OperatorContext,
} from "./registry.ts";
import type { ColumnShape, ModelPayload, Payload, RelationPayload } from "./shape.ts";
import { type Names, Space, type SpaceColumn, closure } from "./space.ts";
import { ident } from "./sql.ts";
import { answered, query, type Steps, worksFor } from "./steps.ts";

/** Extras of {@link compileSegment}. */
export interface CompileOptions {
  /** By parent id: the equal node (same signature) that stands for it in the segment or among the inputs. */
  readonly standIns?: ReadonlyMap<string, string>;
  readonly dialect: Dialect;
  readonly compilers: CompilerRegistry;
  /** By node id: the model that learning may start from. */
  readonly warmStart?: ReadonlyMap<string, ModelPayload>;
}

/**
 * Compiles a segment: nodes become columns of the relations they are aligned with, statements are asked for where a result
 * must exist. Pure: everything the engine has to say comes as answers to the steps.
 *
 * Ends with the payloads of the barriers. Barriers of one relation that are due at the same moment share one table.
 * @throws {WorkflowError} for operators or parents that do not fit together
 */
export function* compileSegment(
  segment: Segment,
  inputs: ReadonlyMap<string, Payload>,
  names: Names,
  options: CompileOptions,
): Steps<ReadonlyMap<string, Payload>> {
  return yield* new SegmentCompiler(segment, names, options).compile(inputs);
}

class SegmentCompiler {
  readonly #segment: Segment;
  readonly #names: Names;
  readonly #compilers: CompilerRegistry;
  readonly #dialect: Dialect;
  readonly #spaces = new Map<string, Space>();
  readonly #results = new Map<string, LocalResult>();
  /** Index of the last node of the segment that reads a node; barriers never die. */
  readonly #lastUse = new Map<string, number>();
  /** Nodes of the segment that read a node. */
  readonly #consumers = new Map<string, number>();
  readonly #standIns: ReadonlyMap<string, string>;
  readonly #warmStart: ReadonlyMap<string, ModelPayload>;
  readonly #keyCopies = new Map<LocalRelation, readonly LocalColumn[]>();
  /** Rows of a space, once an input or a count has told them. */
  readonly #rows = new Map<Space, number>();
  #index = 0;

  constructor(segment: Segment, names: Names, { standIns, compilers, dialect, warmStart }: CompileOptions) {
    this.#warmStart = warmStart ?? new Map();
    this.#segment = segment;
    this.#names = names;
    this.#standIns = standIns ?? new Map();
    this.#compilers = compilers;
    this.#dialect = dialect;
    segment.nodes.forEach((node, i) => {
      for (const parent of new Set(node.parents.map((id) => this.#standIn(id)))) {
        this.#lastUse.set(parent, i);
        this.#consumers.set(parent, (this.#consumers.get(parent) ?? 0) + 1);
      }
    });
    for (const id of segment.barriers) this.#lastUse.set(id, Number.POSITIVE_INFINITY);
  }

  *compile(inputs: ReadonlyMap<string, Payload>): Steps<ReadonlyMap<string, Payload>> {
    for (const [id, payload] of inputs)
      this.#results.set(id, payload.kind === "relation" ? this.#open(payload, id) : payload);
    for (const [i, node] of this.#segment.nodes.entries()) {
      this.#index = i;
      const result = yield* this.#compileNode(node);
      this.#results.set(node.id, result);
      if (result.kind === "relation" && (this.#consumers.get(node.id) ?? 0) > 1) yield* this.#computeOnce(result);
    }
    this.#index = this.#segment.nodes.length;
    const payloads = new Map<string, Payload>();
    for (const id of this.#segment.barriers) {
      const result = this.#results.get(id);
      if (result === undefined) throw new WorkflowError(`${this.#dialect.engine}: segment lacks its barrier "${id}"`);
      payloads.set(id, result.kind === "relation" ? yield* this.#close(result) : result);
    }
    return payloads;
  }

  /** Dear columns that several nodes read are computed once. */
  *#computeOnce({ space, columns }: LocalRelation): Steps<void> {
    const asked = columns.map(({ at }) => at);
    if (!space.isPending && closure(asked).some(({ isDear, origin }) => isDear && origin.kind === "derived"))
      yield* space.materialise(asked);
  }

  #standIn(id: string): string {
    return this.#standIns.get(id) ?? id;
  }

  *#compileNode(node: IterationNode): Steps<LocalResult> {
    const { operator } = node;
    if (operator === undefined)
      throw new WorkflowError(
        `${this.#dialect.engine}: node "${node.id}" has no operator; only workloads run on an engine, traces are simulated`,
      );
    const compiler = this.#compilers[operator.op] as OperatorCompiler | undefined;
    if (compiler === undefined)
      throw new WorkflowError(
        `${this.#dialect.engine}: operator "${operator.op}" of node "${node.id}" is not supported`,
      );
    const parents = node.parents.map((id) => {
      const found = this.#results.get(this.#standIn(id));
      if (found === undefined)
        throw new ExecutorError(`${this.#dialect.engine}: node "${node.id}" lacks its input "${id}"`);
      return found;
    });
    return yield* worksFor(node.id, answered(compiler(operator, this.#context(node, parents))));
  }

  #context(node: IterationNode, parents: readonly LocalResult[]): OperatorContext {
    const expect = <K extends LocalResult["kind"]>(i: number, kind: K): Extract<LocalResult, { kind: K }> => {
      const parent = parents[i];
      if (parent?.kind !== kind)
        throw new WorkflowError(
          `${this.#dialect.engine}: node "${node.id}" (${node.op}) needs a ${kind} as parent ${i}; ${parent === undefined ? "there is none" : `"${node.parents[i] ?? ""}" is a ${parent.kind}`}`,
        );
      return parent as Extract<LocalResult, { kind: K }>;
    };
    const warmStart = this.#warmStart.get(node.id);
    return {
      node,
      parents,
      ...(warmStart === undefined ? {} : { warmStart }),
      names: this.#names,
      dialect: this.#dialect,
      relation: (i) => expect(i, "relation"),
      model: (i) => expect(i, "model"),
      outlives: (i) => (this.#lastUse.get(this.#standIn(node.parents[i] ?? "")) ?? -1) > this.#index,
      addColumns: (base, columns) => ({
        kind: "relation",
        space: base.space,
        keys: base.keys,
        columns: columns.map(({ shape, expr, from, ...cost }) => ({
          shape,
          at: base.space.derived(expr, from, columns.length === 1 ? node.id : `${node.id}_${shape.name}`, {
            owner: node.id,
            ...cost,
          }),
        })),
      }),
      rowsOf: (space) => this.#rows.get(space) ?? space.rows,
      settle: (space, columns, options) => this.#settle(space, columns, options),
      select: (space, columns, where) => this.#select(space, columns, where),
      newSpace: (sql, keys, columns, options) => this.#newSpace(node, sql, { keys, columns, ...options }),
      tableColumns: (base, table, shapes) =>
        shapes.map((shape) => ({
          shape,
          at: base.space.tableColumn({ table, column: shape.name }, `${node.id}_${shape.name}`),
        })),
    };
  }

  /** An input's columns, in the space it belongs to. */
  #open(payload: RelationPayload, id: string): LocalRelation {
    const { shape } = payload;
    const space = this.#space(shape.space);
    this.#rows.set(space, payload.rows);
    const open = (column: ColumnShape): LocalColumn => {
      const at = payload.columns.get(column.name);
      if (at === undefined)
        throw new ExecutorError(`${this.#dialect.engine}: the result of "${id}" lost its column "${column.name}"`);
      return { shape: column, at: space.tableColumn(at, `${id}_${column.name}`) };
    };
    return {
      kind: "relation",
      space,
      keys: shape.keys.map(open),
      columns: shape.columns.map(open),
      ...(shape.examples === undefined ? {} : { examples: shape.examples }),
    };
  }

  #space(id: string): Space {
    const known = this.#spaces.get(id);
    if (known !== undefined) return known;
    const made = new Space(id, this.#names, this.#dialect);
    this.#spaces.set(id, made);
    return made;
  }

  *#newSpace(
    node: IterationNode,
    sql: string,
    shape: {
      readonly keys: readonly ColumnShape[];
      readonly columns: readonly ColumnShape[];
      readonly hasGaps?: boolean;
    },
  ): Steps<LocalRelation> {
    const space = this.#space(node.signature);
    if (space.isPending) yield* space.readOrigin(this.#live(space, []));
    space.setOrigin(`(${sql})`, shape.hasGaps);
    const open = (column: ColumnShape): LocalColumn => ({
      shape: column,
      at: space.originColumn(ident(column.name), `${node.id}_${column.name}`, node.id),
    });
    return { kind: "relation", space, keys: shape.keys.map(open), columns: shape.columns.map(open) };
  }

  /**
   * Columns of a space that are needed after the current node, and those it asks for: a compiler names all it will read of
   * an unread origin at once (keys are always kept).
   */
  #live(space: Space, asked: readonly LocalColumn[]): readonly SpaceColumn[] {
    const live = new Set<SpaceColumn>(asked.map(({ at }) => at));
    for (const [id, result] of this.#results) {
      const lastUse = this.#lastUse.get(id) ?? -1;
      if (result.kind !== "relation" || result.space !== space || lastUse < this.#index) continue;
      for (const { at } of lastUse > this.#index ? [...result.keys, ...result.columns] : result.keys) live.add(at);
    }
    return [...live].filter(({ origin }) => origin.kind !== "gone");
  }

  *#settle(
    space: Space,
    columns: readonly LocalColumn[],
    options: { readonly numbered?: boolean; readonly tables?: boolean } = {},
  ): Steps<void> {
    const used = closure(columns.map(({ at }) => at));
    const mixed =
      used.some(({ origin }) => origin.kind === "origin") && used.some(({ origin }) => origin.kind === "table");
    const mustRead = options.numbered === true || options.tables === true || mixed;
    if (space.isPending && mustRead) yield* space.readOrigin(this.#live(space, columns));
    if (options.tables === true) {
      const dear = used.filter(({ isDear, origin }) => isDear && origin.kind === "derived");
      if (dear.length > 0) yield* space.materialise([...dear, ...columns.map(({ at }) => at)]);
    }
  }

  *#select(space: Space, columns: readonly LocalColumn[], where?: string): Steps<string> {
    yield* this.#settle(space, columns);
    return space.select(
      columns.map(({ at }) => at),
      columns.map(({ shape }) => shape.name),
      where,
    );
  }

  /** Turns a relation into tables and says where its columns are; barriers of the same space come along in one statement. */
  *#close(relation: LocalRelation): Steps<RelationPayload> {
    const { space, columns } = relation;
    if ([...relation.keys, ...columns].some(({ at }) => at.origin.kind !== "table")) yield* this.#tabulate(space);
    const keys = this.#keyCopies.get(relation) ?? relation.keys;
    const at = new Map(
      [...keys, ...columns].map(({ shape, at: { origin } }) => {
        if (origin.kind !== "table") throw new Error(`column ${shape.name} is in no table`);
        return [shape.name, origin.at] as const;
      }),
    );
    return {
      kind: "relation",
      shape: {
        space: space.id,
        keys: keys.map(({ shape }) => shape),
        columns: columns.map(({ shape }) => shape),
        ...(relation.examples === undefined ? {} : { examples: relation.examples }),
      },
      columns: at,
      rows: yield* this.#countRows(space, at.values().next().value?.table),
    };
  }

  /**
   * One table for all barriers of a space that are in none yet. They get copies of their keys, so that they keep no other
   * table alive.
   */
  *#tabulate(space: Space): Steps<void> {
    const due = new Set<SpaceColumn>();
    const copies = new Map<SpaceColumn, SpaceColumn>();
    for (const id of this.#segment.barriers) {
      const result = this.#results.get(id);
      if (result?.kind !== "relation" || result.space !== space) continue;
      if ([...result.keys, ...result.columns].every(({ at }) => at.origin.kind === "table")) continue;
      for (const { at } of [...result.keys, ...result.columns]) due.add(at);
      const keys = result.keys.map(({ shape, at }): LocalColumn => {
        if (at.origin.kind !== "table") return { shape, at };
        const copy = copies.get(at) ?? space.derived(at.alias, [at], shape.name, { owner: "", weight: 0 });
        copies.set(at, copy);
        return { shape, at: copy };
      });
      this.#keyCopies.set(result, keys);
    }
    yield* space.materialise([...copies.values(), ...due]);
  }

  *#countRows(space: Space, table: string | undefined): Steps<number> {
    const known = this.#rows.get(space) ?? space.rows;
    if (known !== undefined || table === undefined) return known ?? 0;
    const rows = Number((yield* query(`SELECT count(*) FROM ${table}`))[0]?.[0] ?? 0);
    this.#rows.set(space, rows);
    return rows;
  }
}
