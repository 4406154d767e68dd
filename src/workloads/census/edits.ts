import type { LearnOp, PredictOp, ReduceOp } from "../../core/operators.ts";
import type { WorkflowVersion } from "../../core/workflow.ts";
import { editVersion, type WorkflowBuilder } from "../dsl.ts";
import type { EditType } from "../edits.ts";
import type { Feature } from "../ports.ts";
import type { EditOption } from "../sequences.ts";

/** Order in which features stand in `income`, so that undoing an edit gives the very version it was made from. */
const featureOrder = (
  "age ageSquared eduNum hours weight weightLog cgLog cl edu ageBucket eduXocc occ work sector marital relation race sex " +
  "country countryGroup hoursBucket cgBucket clBucket relationXsex occXhours maritalXage"
).split(" ");

type Change = (w: WorkflowBuilder) => void;

function option(id: string, changeType: EditType, variants: Readonly<Record<string, Change>>): EditOption {
  return {
    id,
    changeType,
    variants: Object.entries(variants).map(([variant, change]) => ({
      id: variant,
      apply: (version: WorkflowVersion) => editVersion(version, change),
    })),
  };
}

/** Makes exactly these of the named features part of `income`; the rest of its features stay. */
function features(w: WorkflowBuilder, use: Readonly<Record<string, boolean>>): void {
  const income = w.parentsOf("income");
  const kept = income.slice(2).filter((name) => use[name] !== false);
  const wanted = Object.keys(use).filter((name) => use[name] === true && !kept.includes(name));
  const ordered = [...kept, ...wanted].sort((a, b) => featureOrder.indexOf(a) - featureOrder.indexOf(b));
  w.rewire("income", [...income.slice(0, 2), ...ordered]);
}

/** A feature that is there only in some variants: taken out with its extractor, or put in anew. */
function optional(w: WorkflowBuilder, name: string, make?: (name: string) => Feature): void {
  if (w.has(name)) {
    features(w, { [name]: false });
    w.remove(name);
  }
  if (make !== undefined) {
    make(name);
    features(w, { [name]: true });
  }
}

const cross =
  (left: string, right: string) =>
  (w: WorkflowBuilder) =>
  (name: string): Feature =>
    w.interaction(name, [w.get(left, "categorical"), w.get(right, "categorical")]);

/** Edits of data pre-processing. */
export const censusDprOptions: readonly EditOption[] = [
  option("age-buckets", "dpr", {
    fives: (w) => w.set("ageBucket", "bucketise", { edges: [20, 25, 30, 35, 40, 45, 50, 55, 60, 65] }),
    decades: (w) => w.set("ageBucket", "bucketise", { edges: [20, 30, 40, 50, 60, 70] }),
    phases: (w) => w.set("ageBucket", "bucketise", { edges: [25, 45, 65] }),
    "two-years": (w) => w.set("ageBucket", "bucketise", { edges: Array.from({ length: 26 }, (_, i) => 18 + 2 * i) }),
  }),
  option("hours-buckets", "dpr", {
    seven: (w) => w.set("hoursBucket", "bucketise", { edges: [20, 35, 40, 45, 50, 60] }),
    "full-time": (w) => w.set("hoursBucket", "bucketise", { edges: [35, 41] }),
    tens: (w) => w.set("hoursBucket", "bucketise", { edges: [10, 20, 30, 40, 50, 60, 70, 80] }),
  }),
  option("capital-gain", "dpr", {
    "log-and-buckets": (w) => features(w, { cgLog: true, cgBucket: true }),
    log: (w) => features(w, { cgLog: true, cgBucket: false }),
    buckets: (w) => features(w, { cgLog: false, cgBucket: true }),
  }),
  option("age-curve", "dpr", {
    linear: (w) => optional(w, "ageSquared"),
    quadratic: (w) => optional(w, "ageSquared", (name) => w.expression(name, w.get("age", "numeric"), "square")),
  }),
  option("education", "dpr", {
    "name-and-years": (w) => features(w, { edu: true, eduNum: true }),
    years: (w) => features(w, { edu: false, eduNum: true }),
    name: (w) => features(w, { edu: true, eduNum: false }),
  }),
  option("country", "dpr", {
    each(w) {
      optional(w, "countryGroup");
      features(w, { country: true });
    },
    "us-or-not"(w) {
      const text = "CASE WHEN $1 = 'United-States' THEN 'US' ELSE 'other' END";
      optional(w, "countryGroup", (name) =>
        w.sqlUdf(name, [w.get("country", "categorical")], text, { name: "group", type: "text" }),
      );
      features(w, { country: false });
    },
    hashed(w) {
      optional(w, "countryGroup", (name) => w.hashFeature(name, w.get("country", "categorical"), 16));
      features(w, { country: false });
    },
  }),
  option("workclass", "dpr", {
    each(w) {
      optional(w, "sector");
      features(w, { work: true });
    },
    sector(w) {
      optional(w, "sector", (name) =>
        w.udf(name, [w.get("work", "categorical")], groupBySector, {
          columns: ["work"],
          returns: { name: "sector", type: "text" },
          with: { endings: { "-gov": "public", "-inc": "own business", Private: "private" } },
        }),
      );
      features(w, { work: false });
    },
    none(w) {
      optional(w, "sector");
      features(w, { work: false });
    },
  }),
  option("sampling-weight", "dpr", {
    plain(w) {
      optional(w, "weightLog");
      features(w, { weight: true });
    },
    log(w) {
      optional(w, "weightLog", (name) => w.expression(name, w.get("weight", "numeric"), "log1p"));
      features(w, { weight: false });
    },
    none(w) {
      optional(w, "weightLog");
      features(w, { weight: false });
    },
  }),
  option("relation-by-sex", "dpr", {
    off: (w) => optional(w, "relationXsex"),
    on: (w) => optional(w, "relationXsex", cross("relation", "sex")(w)),
  }),
  option("occupation-by-hours", "dpr", {
    off: (w) => optional(w, "occXhours"),
    on: (w) => optional(w, "occXhours", cross("occ", "hoursBucket")(w)),
  }),
  option("marital-by-age", "dpr", {
    off: (w) => optional(w, "maritalXage"),
    on: (w) => optional(w, "maritalXage", cross("marital", "ageBucket")(w)),
  }),
];

/** Work class → public, private, own business or other; the rules come through `with`. */
function groupBySector(
  columns: Readonly<Record<string, readonly unknown[]>>,
  env: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  const rules = Object.entries(env["endings"] as Record<string, string>);
  return (columns["work"] ?? []).map((work) => {
    if (work === null || work === undefined) return null;
    const rule = rules.find(([ending]) => (work as string).endsWith(ending));
    return rule === undefined ? "other" : rule[1];
  });
}

const learn =
  (params: { readonly [K in keyof LearnOp]?: LearnOp[K] | undefined }): Change =>
  (w) =>
    w.set<LearnOp>("incPred", "learn", params);
const threshold =
  (value: number | undefined): Change =>
  (w) =>
    w.set<PredictOp>("predictions", "predict", { threshold: value });

/** Edits of learning and inference. */
export const censusLiOptions: readonly EditOption[] = [
  option("l2", "li", {
    "0.1": learn({ l2: 0.1 }),
    "0.01": learn({ l2: 0.01 }),
    "1.0": learn({ l2: 1 }),
    "10.0": learn({ l2: 10 }),
  }),
  option("l1", "li", { none: learn({ l1: undefined }), "0.1": learn({ l1: 0.1 }), "1.0": learn({ l1: 1 }) }),
  option("max-iterations", "li", { hundred: learn({ maxIterations: 100 }), thirty: learn({ maxIterations: 30 }) }),
  option("tolerance", "li", { usual: learn({ tolerance: undefined }), loose: learn({ tolerance: 0.0001 }) }),
  option("threshold", "li", { half: threshold(undefined), "0.4": threshold(0.4), "0.6": threshold(0.6) }),
];

/** An extra reducer over the predictions that some variants have, as an output. */
function report(w: WorkflowBuilder, name: string, params?: Omit<ReduceOp, "op">, by?: string): void {
  if (w.has(name)) w.remove(name);
  if (params === undefined) return;
  const uses = by === undefined ? [] : [w.get(by, "categorical")];
  w.output(w.reducer(name, w.get("predictions", "predictions"), params, uses));
}

const onEither = (id: string, name: string, metric: ReduceOp["metric"]): EditOption =>
  option(id, "ppr", {
    off: (w) => report(w, name),
    test: (w) => report(w, name, { metric, split: "test" }),
    train: (w) => report(w, name, { metric, split: "train" }),
  });
const groupedBy =
  (by: string): Change =>
  (w) =>
    report(w, "byGroup", { metric: "accuracy-by", split: "test", by: 1 }, by);
const checkedBy =
  (metric: ReduceOp["metric"]): Change =>
  (w) =>
    w.set<ReduceOp>("checked", "reduce", { metric });

/** Edits of post-processing. */
export const censusPprOptions: readonly EditOption[] = [
  option("measure", "ppr", {
    accuracy: checkedBy("accuracy"),
    "error-rate": checkedBy("error-rate"),
    "precision-recall-f1": checkedBy("precision-recall-f1"),
    "log-loss": checkedBy("log-loss"),
  }),
  option("by-group", "ppr", {
    off: (w) => report(w, "byGroup"),
    sex: groupedBy("sex"),
    race: groupedBy("race"),
    age: groupedBy("ageBucket"),
  }),
  option("train-check", "ppr", {
    off: (w) => report(w, "trainCheck"),
    accuracy: (w) => report(w, "trainCheck", { metric: "accuracy", split: "train" }),
    "log-loss": (w) => report(w, "trainCheck", { metric: "log-loss", split: "train" }),
  }),
  onEither("confusion", "confusion", "confusion"),
  onEither("auc", "auc", "auc"),
  onEither("positive-rate", "positiveRate", "positive-rate"),
  onEither("top-errors", "topErrors", "top-errors"),
];

/** Everything users of Census try. */
export const censusOptions: readonly EditOption[] = [...censusDprOptions, ...censusLiOptions, ...censusPprOptions];
