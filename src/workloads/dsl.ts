import { WorkflowError } from "../core/errors.ts";
import type { NodeKind } from "../core/iteration.ts";
import {
  type AggregateOp,
  type AssembleOp,
  type ColumnSpec,
  type ExpressionOp,
  type FilterOp,
  type LearnOp,
  type Operator,
  operatorTraits,
  type PredictOp,
  type ReduceOp,
  type ScalarType,
  type ScanOp,
  type SourceOp,
  type TextOp,
  type UdfFunction,
} from "../core/operators.ts";
import { operatorKey } from "../core/signature.ts";
import { inTopologicalOrder, type WorkflowNode, type WorkflowVersion } from "../core/workflow.ts";
import { type Feature, type Handle, outputPort, type Port } from "./ports.ts";
import { udfOperator, type UdfOptions } from "./udf.ts";

/** Parameters of an operator, without its tag. */
type Params<O extends Operator> = Omit<O, "op">;
type Relation = Handle<"relation">;
type Predictions = Handle<"predictions">;
/** Numbers are numeric features, everything else is categorical. */
type FeaturePort<T extends ScalarType> = T extends "integer" | "double" ? "numeric" : "categorical";

/** What every node may say of itself. */
export interface NodeOptions {
  /** Phase of the workflow; default: what its operator type says. */
  readonly kind?: NodeKind;
  /** Set for a result that differs from run to run. */
  readonly deterministic?: false;
}

/**
 * Builds or edits one workflow version. Every method adds a node under a unique name and returns a handle to wire it with; kinds
 * of results are checked by the type system and again at run time. Nodes may be added in any order; see {@link workflow}.
 */
export class WorkflowBuilder {
  readonly #nodes = new Map<string, WorkflowNode>();
  #outputs: string[];

  /** Starts from a version, or from nothing. */
  constructor(from: WorkflowVersion = { nodes: [], outputs: [] }) {
    for (const node of from.nodes) this.#nodes.set(node.name, node);
    this.#outputs = [...from.outputs];
  }

  /** Data from outside. */
  source(name: string, source: SourceOp): Handle<"source"> {
    return this.#add(name, source, [], "source");
  }

  /** Parses a source's files into typed columns. */
  scan(name: string, of: Handle<"source">, params: Params<ScanOp>): Relation {
    return this.#add(name, { op: "scan", ...params }, [of], "relation");
  }

  /** Extracts one column of a relation as a feature. */
  field<P extends "categorical" | "numeric">(
    name: string,
    of: Relation,
    column: string,
    as: P,
    params: { readonly trimSuffix?: string } = {},
  ): Handle<P> {
    return this.#add(name, { op: "field", column, as, ...params }, [of], as);
  }

  /** Numeric → categorical; bucket k holds edges[k−1] ≤ x < edges[k]. @param edges ascending, at least one */
  bucketise(name: string, of: Handle<"numeric">, edges: readonly number[]): Handle<"categorical"> {
    return this.#add(name, { op: "bucketise", edges }, [of], "categorical");
  }

  /** Cross product of two or more categorical features, in the given order. */
  interaction(name: string, of: readonly Handle<"categorical">[]): Handle<"categorical"> {
    return this.#add(name, { op: "interaction" }, of, "categorical");
  }

  /** Arithmetic on one numeric feature. */
  expression(name: string, of: Handle<"numeric">, fn: ExpressionOp["fn"]): Handle<"numeric"> {
    return this.#add(name, { op: "expression", fn }, [of], "numeric");
  }

  /** Examples of a relation: its label and features, in the given order; the label is parent 1. */
  assemble(
    name: string,
    rows: Relation,
    features: readonly Feature[],
    params: {
      readonly label: Feature;
      readonly positive: string;
      readonly standardise?: boolean;
      /** Columns of `rows` that are features as they are; they come first. */
      readonly columns?: readonly string[];
    },
  ): Handle<"examples"> {
    const { label, positive, standardise = true, columns } = params;
    const operator: AssembleOp = {
      op: "assemble",
      label: 1,
      positive,
      standardise,
      ...(columns === undefined ? {} : { columns }),
    };
    return this.#add(name, operator, [rows, label, ...features], "examples");
  }

  /** Trains a model on the train split of examples. */
  learner(name: string, of: Handle<"examples">, params: Params<LearnOp>, options?: NodeOptions): Handle<"model"> {
    return this.#add(name, { op: "learn", ...params } as LearnOp, [of], "model", options);
  }

  /** The model that did best on the rows it held out (`holdOutEvery` of its learner); of equal ones the first. */
  select(name: string, of: readonly Handle<"model">[]): Handle<"model"> {
    return this.#add(name, { op: "select", by: "validation-auc" }, of, "model");
  }

  /** Applies a model to examples. */
  predictions(
    name: string,
    model: Handle<"model">,
    to: Handle<"examples">,
    params: Params<PredictOp> = {},
  ): Predictions {
    return this.#add(name, { op: "predict", ...params }, [model, to], "predictions");
  }

  /** Predicted tags → spans of one type. */
  decode(name: string, of: Predictions, type: string): Handle<"spans"> {
    return this.#add(name, { op: "decode", type }, [of], "spans");
  }

  /** Metric values of predictions or spans; `uses` are further inputs (a grouping feature, gold spans). */
  reducer(
    name: string,
    of: Predictions | Handle<"spans">,
    params: Params<ReduceOp>,
    uses: readonly (Feature | Handle<"spans"> | Predictions)[] = [],
  ): Handle<"metrics"> {
    return this.#add(name, { op: "reduce", ...params }, [of, ...uses], "metrics");
  }

  /** Row-wise feature of a text column. */
  text(
    name: string,
    of: Handle<"categorical">,
    fn: Exclude<TextOp["fn"], "sentences" | "tokens">,
    params: { readonly length?: number; readonly words?: readonly string[] } = {},
  ): Handle<"categorical"> {
    return this.#add(name, { op: "text", fn, ...params }, [of], "categorical");
  }

  /** Splits documents into sentences or sentences into tokens. */
  explode(name: string, of: Relation, fn: "sentences" | "tokens"): Relation {
    return this.#add(name, { op: "text", fn }, [of], "relation");
  }

  /** A feature's value `offset` tokens away in its sentence. */
  window<P extends "categorical" | "numeric">(name: string, of: Handle<P>, offset: number): Handle<P> {
    return this.#add(name, { op: "window", offset }, [of], of.port);
  }

  /** Rows that satisfy a comparison. */
  filter<P extends "relation" | "predictions">(name: string, of: Handle<P>, params: Params<FilterOp>): Handle<P> {
    return this.#add(name, { op: "filter", ...params }, [of], of.port);
  }

  /** Named columns. */
  project<P extends "relation" | "predictions">(name: string, of: Handle<P>, columns: readonly string[]): Handle<P> {
    return this.#add(name, { op: "project", columns }, [of], of.port);
  }

  /** A relation with further columns: features of its rows, by the names they get; names must be new. */
  extend(name: string, of: Relation, features: Readonly<Record<string, Feature>>): Relation {
    const columns = Object.keys(features);
    return this.#add(name, { op: "extend", columns }, [of, ...Object.values(features)], "relation");
  }

  /** Left join on equal columns. */
  join(name: string, left: Relation, right: Relation, on: readonly string[], prefix: string): Relation {
    return this.#add(name, { op: "join", on, prefix }, [left, right], "relation");
  }

  /** Group-by. */
  aggregate(name: string, of: Relation | Predictions, params: Params<AggregateOp>): Relation {
    return this.#add(name, { op: "aggregate", ...params }, [of], "relation");
  }

  /** Categorical feature → one of `buckets` by hash. */
  hashFeature(name: string, of: Handle<"categorical">, buckets: number): Handle<"categorical"> {
    return this.#add(name, { op: "hash-feature", buckets }, [of], "categorical");
  }

  /**
   * A TypeScript function over columns of a relation or over features, one value per row out.
   * @throws {WorkflowError} as {@link udfOperator}
   */
  udf<T extends ScalarType>(
    name: string,
    of: Relation | readonly Feature[],
    fn: UdfFunction,
    options: UdfOptions<T> & NodeOptions,
  ): Handle<FeaturePort<T>> {
    const parents = Array.isArray(of) ? (of as readonly Feature[]) : [of as Relation];
    if (Array.isArray(of) && parents.length !== options.columns.length)
      throw new WorkflowError(
        `udf "${name}": has ${options.columns.length} columns for ${parents.length} features; expected a name for each feature, in order`,
      );
    return this.#add(name, udfOperator(name, fn, options), parents, featurePort(options.returns), options);
  }

  /** A scalar SQL expression over features, `$1 … $n` standing for them, pushed down to the engine. */
  sqlUdf<T extends ScalarType>(
    name: string,
    of: readonly Feature[],
    text: string,
    returns: ColumnSpec & { readonly type: T },
    options?: NodeOptions,
  ): Handle<FeaturePort<T>> {
    return this.#add(name, { op: "sql-udf", text, returns }, of, featurePort(returns), options);
  }

  /** Declares what the user wants to see; added to the outputs so far. */
  output(...nodes: readonly Handle[]): void {
    for (const { name } of nodes) if (!this.#outputs.includes(name)) this.#outputs.push(name);
  }

  /** True if the version has a node of that name. */
  has(name: string): boolean {
    return this.#nodes.has(name);
  }

  /** Handle to a node that is already there. @throws {WorkflowError} if it is not, or yields something else */
  get<P extends Port>(name: string, port: P): Handle<P> {
    const actual = this.#portOf(name);
    if (actual !== port) throw new WorkflowError(`workflow: node "${name}" yields ${actual}; expected ${port}`);
    return { name, port };
  }

  /** Changes some parameters of a node's operator; setting one to undefined removes it. */
  set<O extends Operator>(name: string, op: O["op"], params: { readonly [K in keyof O]?: O[K] | undefined }): void {
    const node = this.#node(name);
    if (node.operator.op !== op)
      throw new WorkflowError(
        `workflow: node "${name}" is a ${node.operator.op}; expected a ${op} to set parameters of`,
      );
    const fields = Object.entries({ ...node.operator, ...params }).filter(([, value]) => value !== undefined);
    this.#replace({ ...node, operator: Object.fromEntries(fields) as unknown as Operator });
  }

  /** Names of a node's parents, in the operator's order. */
  parentsOf(name: string): readonly string[] {
    return this.#node(name).parents;
  }

  /** Gives a node other parents, by name, in the operator's order; an extractor nothing reads any more is sliced away. */
  rewire(name: string, parents: readonly string[]): void {
    this.#replace({ ...this.#node(name), parents: [...parents] });
  }

  /** Removes nodes, outputs included. @throws {WorkflowError} at the end if something still reads one of them */
  remove(...names: readonly string[]): void {
    for (const name of names) this.#nodes.delete(this.#node(name).name);
    this.#outputs = this.#outputs.filter((output) => !names.includes(output));
  }

  /** Renames a node everywhere; recomputes nothing. */
  rename(from: string, to: string): void {
    const node = this.#node(from);
    if (this.has(to)) throw new WorkflowError(`workflow: cannot rename "${from}" to "${to}"; that name is taken`);
    const nodes = [...this.#nodes.values()];
    this.#nodes.clear();
    const swap = (name: string): string => (name === from ? to : name);
    for (const other of nodes) {
      const renamed = other === node ? { ...node, name: to } : other;
      const reads = other.parents.includes(from) ? { ...renamed, parents: renamed.parents.map(swap) } : renamed;
      this.#nodes.set(reads.name, reads);
    }
    this.#outputs = this.#outputs.map(swap);
  }

  /** The version, nodes parents first. @throws {WorkflowError} for dangling parents, cycles, misfits or no output */
  build(): WorkflowVersion {
    const nodes = inTopologicalOrder([...this.#nodes.values()]);
    const handles = new Map<string, Handle>();
    for (const { name, operator, parents } of nodes) {
      const above = parents.map((parent) => handles.get(parent) as Handle);
      handles.set(name, { name, port: outputPort(name, operator, above) });
      checkParameters(name, operator, parents);
    }
    if (this.#outputs.length === 0)
      throw new WorkflowError("workflow: declares no output; expected at least one; call output(node)");
    for (const output of this.#outputs) this.#node(output);
    return { nodes, outputs: [...this.#outputs] };
  }

  #add<P extends Port>(
    name: string,
    operator: Operator,
    parents: readonly Handle[],
    port: P,
    { kind = operatorTraits[operator.op].kind, deterministic }: NodeOptions = {},
  ): Handle<P> {
    if (name === "") throw new WorkflowError(`workflow: a ${operator.op} has an empty name; give it one`);
    if (this.has(name))
      throw new WorkflowError(`workflow: two nodes are named "${name}"; names must be unique; rename one`);
    outputPort(name, operator, parents);
    const base = { name, operator, parents: parents.map((parent) => parent.name), kind };
    this.#nodes.set(name, deterministic === false ? { ...base, deterministic } : base);
    return { name, port };
  }

  #replace(node: WorkflowNode): void {
    const old = this.#node(node.name);
    const isSame =
      operatorKey(old.operator) === operatorKey(node.operator) &&
      old.parents.length === node.parents.length &&
      old.parents.every((parent, i) => parent === node.parents[i]);
    if (!isSame) this.#nodes.set(node.name, node);
  }

  #node(name: string): WorkflowNode {
    const node = this.#nodes.get(name);
    if (node === undefined)
      throw new WorkflowError(
        `workflow: there is no node "${name}"; expected one of ${[...this.#nodes.keys()].join(", ")}`,
      );
    return node;
  }

  #portOf(name: string): Port {
    const { operator, parents } = this.#node(name);
    return outputPort(
      name,
      operator,
      parents.map((parent) => ({ name: parent, port: this.#portOf(parent) })),
    );
  }
}

function featurePort<T extends ScalarType>({ type }: { readonly type: T }): FeaturePort<T> {
  return (type === "integer" || type === "double" ? "numeric" : "categorical") as FeaturePort<T>;
}

function checkParameters(name: string, operator: Operator, parents: readonly string[]): void {
  const refuse = (problem: string): never => {
    throw new WorkflowError(`workflow: node "${name}" (${operator.op}) ${problem}`);
  };
  if (operator.op === "bucketise") {
    const ascending = operator.edges.every((edge, i, edges) => i === 0 || edge > (edges[i - 1] ?? edge));
    if (operator.edges.length === 0 || !ascending)
      refuse(`has edges [${operator.edges.join(", ")}]; expected at least one, strictly ascending`);
  }
  if (operator.op === "hash-feature" && !(Number.isInteger(operator.buckets) && operator.buckets > 0))
    refuse(`has ${operator.buckets} buckets; expected a positive integer`);
  if (operator.op === "assemble" && operator.columns === undefined && parents.length < 3)
    refuse(`has ${parents.length} parents; expected at least 3`);
  if (operator.op === "assemble" && !(operator.label >= 1 && operator.label < parents.length))
    refuse(`takes its label from parent ${operator.label}; expected 1 to ${parents.length - 1}`);
  if (operator.op === "extend" && operator.columns.length !== parents.length - 1)
    refuse(`names ${operator.columns.length} columns for ${parents.length - 1} features; expected one each`);
  if (operator.op === "reduce" && operator.by !== undefined && !(operator.by >= 1 && operator.by < parents.length))
    refuse(`groups by parent ${operator.by}; expected 1 to ${parents.length - 1}`);
  if (operator.op === "sql-udf")
    for (const [text, index] of operator.text.matchAll(/\$(\d+)/gu))
      if (Number(index) < 1 || Number(index) > parents.length)
        refuse(`names ${text} but has ${parents.length} parents; expected $1 to $${parents.length}`);
  operatorKey(operator); // refuses parameters that are not plain data
}

/**
 * Declares a workflow.
 *
 * @param declare adds nodes and calls `output`
 * @throws {WorkflowError} for duplicate names, dangling parents, cycles, misfitting kinds, bad parameters or no output
 */
export function workflow(declare: (w: WorkflowBuilder) => void): WorkflowVersion {
  return editVersion({ nodes: [], outputs: [] }, declare);
}

/** A version with some changes; the given one stays as it is. @throws {WorkflowError} as {@link workflow} */
export function editVersion(version: WorkflowVersion, change: (w: WorkflowBuilder) => void): WorkflowVersion {
  const builder = new WorkflowBuilder(version);
  change(builder);
  return builder.build();
}
