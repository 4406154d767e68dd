import { WorkflowError } from "../core/errors.ts";
import type {
  AggregateOp,
  AssembleOp,
  ColumnSpec,
  ExpressionOp,
  FilterOp,
  LearnOp,
  Operator,
  PredictOp,
  ReduceOp,
  ScalarType,
  ScanOp,
  SourceOp,
  TextOp,
  UdfFunction,
} from "../core/operators.ts";
import type { WorkflowVersion } from "../core/workflow.ts";
import type { Feature, Handle } from "./ports.ts";
import { udfOperator, type UdfOptions } from "./udf.ts";
import { type NodeOptions, VersionDraft } from "./version-draft.ts";

export type { NodeOptions } from "./version-draft.ts";

/** Parameters of an operator, without its tag. */
type Params<O extends Operator> = Omit<O, "op">;
type Relation = Handle<"relation">;
type Predictions = Handle<"predictions">;
/** Numbers are numeric features, everything else is categorical. */
type FeaturePort<T extends ScalarType> = T extends "integer" | "double" ? "numeric" : "categorical";

/**
 * Builds or edits one workflow version. Every method adds a node under a unique name and returns a handle to wire it with; kinds
 * of results are checked by the type system and again at run time. Nodes may be added in any order; see {@link workflow}.
 */
export class WorkflowBuilder extends VersionDraft {
  /** Data from outside. */
  source(name: string, source: SourceOp): Handle<"source"> {
    return this.add(name, source, [], "source");
  }

  /** Parses a source's files into typed columns. */
  scan(name: string, of: Handle<"source">, params: Params<ScanOp>): Relation {
    return this.add(name, { op: "scan", ...params }, [of], "relation");
  }

  /** Extracts one column of a relation as a feature. */
  field<P extends "categorical" | "numeric">(
    name: string,
    of: Relation,
    column: string,
    as: P,
    params: { readonly trimSuffix?: string } = {},
  ): Handle<P> {
    return this.add(name, { op: "field", column, as, ...params }, [of], as);
  }

  /** Numeric → categorical; bucket k holds edges[k−1] ≤ x < edges[k]. @param edges ascending, at least one */
  bucketise(name: string, of: Handle<"numeric">, edges: readonly number[]): Handle<"categorical"> {
    return this.add(name, { op: "bucketise", edges }, [of], "categorical");
  }

  /** Cross product of two or more categorical features, in the given order. */
  interaction(name: string, of: readonly Handle<"categorical">[]): Handle<"categorical"> {
    return this.add(name, { op: "interaction" }, of, "categorical");
  }

  /** Arithmetic on one numeric feature. */
  expression(name: string, of: Handle<"numeric">, fn: ExpressionOp["fn"]): Handle<"numeric"> {
    return this.add(name, { op: "expression", fn }, [of], "numeric");
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
    return this.add(name, operator, [rows, label, ...features], "examples");
  }

  /** Trains a model on the train split of examples. */
  learner(name: string, of: Handle<"examples">, params: Params<LearnOp>, options?: NodeOptions): Handle<"model"> {
    return this.add(name, { op: "learn", ...params } as LearnOp, [of], "model", options);
  }

  /** The model that did best on the rows it held out (`holdOutEvery` of its learner); of equal ones the first. */
  select(name: string, of: readonly Handle<"model">[]): Handle<"model"> {
    return this.add(name, { op: "select", by: "validation-auc" }, of, "model");
  }

  /** Applies a model to examples. */
  predictions(
    name: string,
    model: Handle<"model">,
    to: Handle<"examples">,
    params: Params<PredictOp> = {},
  ): Predictions {
    return this.add(name, { op: "predict", ...params }, [model, to], "predictions");
  }

  /** Predicted tags → spans of one type. */
  decode(name: string, of: Predictions, type: string): Handle<"spans"> {
    return this.add(name, { op: "decode", type }, [of], "spans");
  }

  /** Metric values of predictions or spans; `uses` are further inputs (a grouping feature, gold spans). */
  reducer(
    name: string,
    of: Predictions | Handle<"spans">,
    params: Params<ReduceOp>,
    uses: readonly (Feature | Handle<"spans"> | Predictions)[] = [],
  ): Handle<"metrics"> {
    return this.add(name, { op: "reduce", ...params }, [of, ...uses], "metrics");
  }

  /** Row-wise feature of a text column. */
  text(
    name: string,
    of: Handle<"categorical">,
    fn: Exclude<TextOp["fn"], "sentences" | "tokens">,
    params: { readonly length?: number; readonly words?: readonly string[] } = {},
  ): Handle<"categorical"> {
    return this.add(name, { op: "text", fn, ...params }, [of], "categorical");
  }

  /** Splits documents into sentences or sentences into tokens. */
  explode(name: string, of: Relation, fn: "sentences" | "tokens"): Relation {
    return this.add(name, { op: "text", fn }, [of], "relation");
  }

  /** A feature's value `offset` tokens away in its sentence. */
  window<P extends "categorical" | "numeric">(name: string, of: Handle<P>, offset: number): Handle<P> {
    return this.add(name, { op: "window", offset }, [of], of.port);
  }

  /** Rows that satisfy a comparison. */
  filter<P extends "relation" | "predictions">(name: string, of: Handle<P>, params: Params<FilterOp>): Handle<P> {
    return this.add(name, { op: "filter", ...params }, [of], of.port);
  }

  /** Named columns. */
  project<P extends "relation" | "predictions">(name: string, of: Handle<P>, columns: readonly string[]): Handle<P> {
    return this.add(name, { op: "project", columns }, [of], of.port);
  }

  /** A relation with further columns: features of its rows, by the names they get; names must be new. */
  extend(name: string, of: Relation, features: Readonly<Record<string, Feature>>): Relation {
    const columns = Object.keys(features);
    return this.add(name, { op: "extend", columns }, [of, ...Object.values(features)], "relation");
  }

  /** Left join on equal columns. */
  join(name: string, left: Relation, right: Relation, on: readonly string[], prefix: string): Relation {
    return this.add(name, { op: "join", on, prefix }, [left, right], "relation");
  }

  /** Group-by. */
  aggregate(name: string, of: Relation | Predictions, params: Params<AggregateOp>): Relation {
    return this.add(name, { op: "aggregate", ...params }, [of], "relation");
  }

  /** Categorical feature → one of `buckets` by hash. */
  hashFeature(name: string, of: Handle<"categorical">, buckets: number): Handle<"categorical"> {
    return this.add(name, { op: "hash-feature", buckets }, [of], "categorical");
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
    return this.add(name, udfOperator(name, fn, options), parents, featurePort(options.returns), options);
  }

  /** A scalar SQL expression over features, `$1 … $n` standing for them, pushed down to the engine. */
  sqlUdf<T extends ScalarType>(
    name: string,
    of: readonly Feature[],
    text: string,
    returns: ColumnSpec & { readonly type: T },
    options?: NodeOptions,
  ): Handle<FeaturePort<T>> {
    return this.add(name, { op: "sql-udf", text, returns }, of, featurePort(returns), options);
  }
}

function featurePort<T extends ScalarType>({ type }: { readonly type: T }): FeaturePort<T> {
  return (type === "integer" || type === "double" ? "numeric" : "categorical") as FeaturePort<T>;
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
