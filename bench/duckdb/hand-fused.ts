/**
 * The no-reuse run of the illustrated Census script as one would write it by hand for DuckDB: per version one statement that
 * reads and derives, dictionaries, one that encodes, a bulk read, the learner, and one pass over the predictions.
 */
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { fetchBulk } from "../../src/executors/duckdb/bulk.ts";
import { trainLogistic } from "../../src/executors/learners/logistic.ts";
import type { ExampleFeature } from "../../src/executors/learners/learner.ts";

/** What an edit of the script changes. */
interface Version {
  readonly cgBucket: boolean;
  readonly maritalXage: boolean;
  readonly usOrNot: boolean;
  readonly maxIterations: number;
  readonly metrics: readonly Metric[];
}
type Metric = "accuracy" | "train-log-loss" | "train-accuracy" | "by-sex" | "train-auc" | "positive-rate";

const base = { cgBucket: true, maritalXage: false, usOrNot: false, maxIterations: 100, metrics: ["accuracy"] } as const;
const edited = { ...base, cgBucket: false, maritalXage: true } as const;
const six = ["accuracy", "train-log-loss", "by-sex", "train-auc"] as const;
/** The ten versions of the script, written down once more. */
export const handVersions: readonly Version[] = [
  base,
  { ...base, cgBucket: false },
  edited,
  { ...edited, metrics: ["accuracy", "train-log-loss"] },
  { ...edited, metrics: ["accuracy", "train-log-loss", "by-sex"] },
  { ...edited, metrics: six },
  { ...edited, metrics: six, maxIterations: 30 },
  { ...edited, metrics: [...six, "positive-rate"], maxIterations: 30 },
  { ...edited, metrics: ["accuracy", "train-accuracy", "by-sex", "train-auc", "positive-rate"], maxIterations: 30 },
  {
    ...edited,
    metrics: ["accuracy", "train-accuracy", "by-sex", "train-auc", "positive-rate"],
    maxIterations: 30,
    usOrNot: true,
  },
];

const names =
  "age workclass fnlwgt education education_num marital occupation relationship race sex gain loss hours country income".split(
    " ",
  );
const integers = new Set(["age", "fnlwgt", "education_num", "gain", "loss", "hours"]);

/** Opens the engine as the harness does. */
export async function openByHand(): Promise<{ readonly connection: DuckDBConnection; readonly close: () => void }> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" });
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Runs one version; @returns its metric values by name. */
export async function runByHand(
  db: DuckDBConnection,
  files: { readonly train: string; readonly test: string },
  version: Version,
): Promise<Readonly<Record<string, number>>> {
  const read = (path: string, split: string): string =>
    `SELECT '${split}'::ENUM('train', 'test') AS split, * FROM read_csv('${path}', header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', comment = '|', nullstr = ['', '?', ' ?'], columns = {${names.map((name) => `'${name}': '${integers.has(name) ? "BIGINT" : "VARCHAR"}'`).join(", ")}})`;
  const clean = (name: string): string => `nullif(nullif(trim(${name}), '?'), '')`;
  const texts = ["education", "occupation", "workclass", "marital", "relationship", "race", "sex"];
  const bucket = (name: string, edges: readonly number[]): string =>
    `CASE WHEN ${name} IS NULL THEN NULL ${edges.map((edge, k) => `WHEN ${name} < ${edge} THEN ${k}`).join(" ")} ELSE ${edges.length} END`;
  const ages = [20, 25, 30, 35, 40, 45, 50, 55, 60, 65];
  const country = version.usOrNot
    ? `CASE WHEN ${clean("country")} = 'United-States' THEN 'US' ELSE 'other' END`
    : clean("country");
  const cross = version.maritalXage
    ? `, ${clean("marital")} || chr(31) || (${bucket("age", ages)}) AS marital_x_age`
    : "";
  await db.run(`CREATE TEMP TABLE features AS SELECT split, age, education_num, hours, fnlwgt, ln(1 + gain) AS gain_log, loss,
    ${texts.map((name) => `${clean(name)} AS ${name}`).join(", ")}, ${country} AS country, ${clean("education")} || chr(31) || ${clean("occupation")} AS edu_x_occ${cross},
    ${bucket("age", ages)} AS age_bucket, ${bucket("hours", [20, 35, 40, 45, 50, 60])} AS hours_bucket,
    ${bucket("gain", [1, 3000, 5000, 7000, 10000, 20000])} AS gain_bucket, ${bucket("loss", [1, 1500, 1800, 2000, 2300])} AS loss_bucket,
    (trim(income) IN ('>50K', '>50K.'))::UTINYINT AS label FROM (${read(files.train, "train")} UNION ALL ${read(files.test, "test")})`);

  const numeric = ["age", "education_num", "hours", "fnlwgt", "gain_log", "loss"];
  const coded = [...texts, "country", "edu_x_occ", ...(version.maritalXage ? ["marital_x_age"] : [])];
  const buckets = [
    ["age_bucket", 11],
    ["hours_bucket", 7],
    ...(version.cgBucket ? [["gain_bucket", 7] as const] : []),
    ["loss_bucket", 6],
  ] as const;
  for (const name of coded)
    await db.run(
      `CREATE TEMP TYPE d_${name} AS ENUM (SELECT DISTINCT ${name} FROM features WHERE split = 'train' AND ${name} IS NOT NULL ORDER BY ${name})`,
    );
  const sizes = await one(db, `SELECT ${coded.map((name) => `len(enum_range(NULL::d_${name}))`).join(", ")}`);
  const moments = await one(
    db,
    `SELECT ${numeric.map((name) => `avg(${name}), stddev_pop(${name})`).join(", ")} FROM features WHERE split = 'train'`,
  );
  const type = (levels: number): string => (levels <= 256 ? "UTINYINT" : "USMALLINT");
  const items = [
    ...numeric.map((name, i) => `coalesce((${name} - ${moments[2 * i]!}) / ${moments[2 * i + 1]!}, 0) AS ${name}`),
    ...coded.map(
      (name, i) =>
        `coalesce(enum_code(TRY_CAST(${name} AS d_${name}))::INTEGER + 1, 0)::${type(sizes[i]! + 1)} AS ${name}`,
    ),
    ...buckets.map(([name]) => `coalesce(${name} + 1, 0)::UTINYINT AS ${name}`),
  ];
  const sex = `features.sex AS sex_name`;
  await db.run(`CREATE TEMP TABLE examples AS SELECT split, label, ${sex}, ${items.join(", ")} FROM features`);

  const columns = [...numeric, ...coded, ...buckets.map(([name]) => name)];
  const levels = [...sizes.map((size) => size + 1), ...buckets.map(([, count]) => count + 1)];
  const fetched = await fetchBulk(db, `SELECT label, ${columns.join(", ")} FROM examples WHERE split = 'train'`, [
    "u16",
    ...numeric.map(() => "f64" as const),
    ...levels.map(() => "u16" as const),
  ]);
  const labels = fetched[0] as Uint16Array;
  const features = columns.map((_, i): ExampleFeature =>
    i < numeric.length
      ? { kind: "numbers", values: fetched[i + 1] as Float64Array }
      : { kind: "codes", codes: fetched[i + 1] as Uint16Array, levels: levels[i - numeric.length]! },
  );
  const model = await trainLogistic(
    { op: "learn", model: "logistic-regression", l2: 0.1, maxIterations: version.maxIterations },
    { rows: labels.length, labels, labelValues: [], features, keys: new Map() },
  );

  const terms = columns.map((name, i) => {
    const weights = model.weights[i]!;
    return i < numeric.length
      ? `${weights[0]!} * ${name}`
      : `list_extract([${[...weights].map((w) => w.toExponential()).join(", ")}], ${name} + 1)`;
  });
  const scored = `SELECT split, label, sex_name, 1 / (1 + exp(-(${model.intercept} + ${terms.join(" + ")}))) AS score FROM examples`;
  const isOnePass = !version.metrics.includes("train-auc") && !version.metrics.includes("by-sex");
  if (!isOnePass) await db.run(`CREATE TEMP TABLE predictions AS ${scored}`);
  const from = isOnePass ? `(${scored})` : "predictions";
  const values: Record<string, number> = {};
  const right = "(score >= 0.5) = (label = 1)";
  const [accuracy, trainAccuracy, logLoss, positive] = await one(
    db,
    `SELECT avg((${right})::INTEGER) FILTER (split = 'test'), ${version.metrics.includes("train-accuracy") ? `avg((${right})::INTEGER) FILTER (split = 'train')` : "0"}, ${version.metrics.includes("train-log-loss") ? "avg(-ln(CASE WHEN label = 1 THEN score ELSE 1 - score END)) FILTER (split = 'train')" : "0"}, avg((score >= 0.5)::INTEGER) FILTER (split = 'test') FROM ${from}${version.metrics.some((metric) => metric.startsWith("train")) ? "" : " WHERE split = 'test'"}`,
  );
  values["accuracy"] = accuracy!;
  if (version.metrics.includes("train-accuracy")) values["train-accuracy"] = trainAccuracy!;
  if (version.metrics.includes("train-log-loss")) values["train-log-loss"] = logLoss!;
  if (version.metrics.includes("positive-rate")) values["positive-rate"] = positive!;
  if (version.metrics.includes("by-sex")) {
    const [worst] = await one(
      db,
      `SELECT min(a) FROM (SELECT avg((${right})::INTEGER) AS a FROM predictions WHERE split = 'test' GROUP BY sex_name)`,
    );
    values["by-sex"] = worst!;
  }
  if (version.metrics.includes("train-auc")) {
    const [area] = await one(
      db,
      `SELECT sum(p * (2 * below + q)) / (2.0 * sum(p) * sum(q)) FROM (SELECT p, q, coalesce(sum(q) OVER (ORDER BY score ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below FROM (SELECT score, count(*) FILTER (label = 1) AS p, count(*) FILTER (label = 0) AS q FROM predictions WHERE split = 'train' GROUP BY score))`,
    );
    values["train-auc"] = area!;
  }
  await db.run(
    `DROP TABLE IF EXISTS predictions; DROP TABLE examples; DROP TABLE features; ${coded.map((name) => `DROP TYPE d_${name}`).join("; ")}`,
  );
  return values;
}

async function one(db: DuckDBConnection, sql: string): Promise<number[]> {
  const reader = await db.runAndReadAll(sql);
  return reader.getRows()[0]!.map(Number);
}
