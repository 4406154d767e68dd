/**
 * The no-reuse run of the illustrated Census script as one would write it by hand for Spark: per version one statement that reads
 * and derives, one for dictionaries and moments, one that encodes, MLlib's regression, and one pass over the predictions.
 */
import type { SparkSession } from "../../src/executors/spark/client.ts";
import { fitLogistic } from "../../src/executors/spark/mllib-logistic.ts";
import { cached, type RelationInit, sql } from "../../src/executors/spark/relations.ts";
import { defaultTolerance } from "../../src/executors/learners/logistic.ts";
import type { handVersions } from "../duckdb/hand-fused.ts";

type Version = (typeof handVersions)[number];

const names =
  "age workclass fnlwgt education education_num marital occupation relationship race sex gain loss hours country income".split(
    " ",
  );
const integers = new Set(["age", "fnlwgt", "education_num", "gain", "loss", "hours"]);
const numeric = ["age", "education_num", "hours", "fnlwgt", "gain_log", "loss"];
const texts = ["education", "occupation", "workclass", "marital", "relationship", "race", "sex"];
const ages = [20, 25, 30, 35, 40, 45, 50, 55, 60, 65];

function csv(path: string): RelationInit {
  const schema = names.map((name) => `${name} ${integers.has(name) ? "BIGINT" : "STRING"}`).join(", ");
  const options = {
    comment: "|",
    nullValue: "?",
    ignoreLeadingWhiteSpace: "true",
    ignoreTrailingWhiteSpace: "true",
    mode: "FAILFAST",
  };
  return {
    relType: {
      case: "read",
      value: { readType: { case: "dataSource", value: { format: "csv", schema, options, paths: [path] } } },
    },
  };
}

function bucket(name: string, edges: readonly number[]): string {
  const cases = edges.map((edge, k) => `WHEN ${name} < ${edge} THEN ${k}`).join(" ");
  return `CASE WHEN ${name} IS NULL THEN NULL ${cases} ELSE ${edges.length} END`;
}

function features(version: Version): string {
  const country = version.usOrNot ? "CASE WHEN country = 'United-States' THEN 'US' ELSE 'other' END" : "country";
  const items = [
    "split, age, education_num, hours, fnlwgt, ln(1 + gain) AS gain_log, loss",
    ...texts,
    `${country} AS country`,
    "education || chr(31) || occupation AS edu_x_occ",
    ...(version.maritalXage ? [`marital || chr(31) || (${bucket("age", ages)}) AS marital_x_age`] : []),
    `${bucket("age", ages)} AS age_bucket`,
    `${bucket("hours", [20, 35, 40, 45, 50, 60])} AS hours_bucket`,
    `${bucket("gain", [1, 3000, 5000, 7000, 10000, 20000])} AS gain_bucket`,
    `${bucket("loss", [1, 1500, 1800, 2000, 2300])} AS loss_bucket`,
    "CAST(income IN ('>50K', '>50K.') AS INT) AS label",
  ];
  return `SELECT ${items.join(", ")} FROM (SELECT 'train' AS split, * FROM train_rows UNION ALL SELECT 'test' AS split, * FROM test_rows)`;
}

/** Runs one version in a session that has the settings of the harness; @returns its metric values by name. */
export async function runByHand(
  session: SparkSession,
  files: { readonly train: string; readonly test: string },
  version: Version,
): Promise<Readonly<Record<string, number>>> {
  const made: string[] = [];
  const keep = async (view: string, query: string): Promise<void> => {
    const id = await session.checkpoint(sql(query));
    made.push(id);
    await session.createView(view, cached(id));
  };
  await session.createView("train_rows", csv(files.train));
  await session.createView("test_rows", csv(files.test));
  await keep("features", features(version));

  const coded = [...texts, "country", "edu_x_occ", ...(version.maritalXage ? ["marital_x_age"] : [])];
  const buckets = [
    ["age_bucket", 11],
    ["hours_bucket", 7],
    ...(version.cgBucket ? [["gain_bucket", 7] as const] : []),
    ["loss_bucket", 6],
  ] as const;
  const summary = await one(
    session,
    `SELECT count(*), ${numeric.map((name) => `avg(${name}), stddev_pop(${name})`).join(", ")}, ${coded.map((name) => `to_json(array_sort(collect_set(${name})))`).join(", ")} FROM features WHERE split = 'train'`,
  );
  const words = coded.map((_, i) => JSON.parse(String(summary[1 + 2 * numeric.length + i])) as readonly string[]);
  const quoted = (word: string): string => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const items = [
    ...numeric.map(
      (name, i) =>
        `coalesce((${name} - ${Number(summary[1 + 2 * i])}e0) / ${Number(summary[2 + 2 * i])}e0, 0e0) AS ${name}`,
    ),
    ...coded.map(
      (name, i) =>
        `CAST(coalesce(array_position(array(${words[i]!.map(quoted).join(", ")}), ${name}), 0) AS SMALLINT) AS ${name}`,
    ),
    ...buckets.map(([name]) => `CAST(coalesce(${name} + 1, 0) AS SMALLINT) AS ${name}`),
  ];
  await keep("examples", `SELECT split, label, sex AS sex_name, ${items.join(", ")} FROM features`);

  const columns = [...numeric, ...coded, ...buckets.map(([name]) => name)];
  const levels = [...numeric.map(() => 0), ...words.map(({ length }) => length + 1), ...buckets.map(([, n]) => n + 1)];
  const { fitted } = await fitLogistic(
    session,
    {
      kind: "fit-logistic",
      sql: `SELECT CAST(label AS DOUBLE) AS label, ${columns.map((name) => `CAST(${name} AS DOUBLE) AS ${name}`).join(", ")} FROM examples WHERE split = 'train'`,
      features: columns.map((name, i) => ({ name, levels: levels[i]! })),
      node: "by hand",
      l1: 0,
      l2: 0.1,
      maxIterations: version.maxIterations,
      tolerance: defaultTolerance,
    },
    {},
  );
  const terms = columns.map((name, i) => {
    const weights = [...fitted.weights[i]!].map((weight) => weight.toExponential());
    return i < numeric.length ? `${weights[0]!} * ${name}` : `element_at(array(${weights.join(", ")}), ${name} + 1)`;
  });
  const scored = `SELECT split, label, sex_name, 1 / (1 + exp(-(${fitted.intercept.toExponential()} + ${terms.join(" + ")}))) AS score FROM examples`;
  const values = await metricsOf(session, version, scored, keep);
  for (const id of made) await session.release(id);
  return values;
}

async function metricsOf(
  session: SparkSession,
  { metrics }: Version,
  scored: string,
  keep: (view: string, query: string) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const isOnePass = !metrics.includes("train-auc") && !metrics.includes("by-sex");
  if (!isOnePass) await keep("predictions", scored);
  const isRight = "(score >= 0.5) = (label = 1)";
  const wanted: readonly (readonly [string, string, string])[] = [
    ["accuracy", `avg(CAST(${isRight} AS INT))`, "test"],
    ["train-accuracy", `avg(CAST(${isRight} AS INT))`, "train"],
    ["train-log-loss", "avg(-ln(CASE WHEN label = 1 THEN score ELSE 1 - score END))", "train"],
    ["positive-rate", "avg(CAST(score >= 0.5 AS INT))", "test"],
  ];
  const asked = wanted.filter(([name]) => (metrics as readonly string[]).includes(name));
  const items = asked.map(([, value, split]) => `${value} FILTER (WHERE split = '${split}')`);
  const found = await one(session, `SELECT ${items.join(", ")} FROM ${isOnePass ? `(${scored})` : "predictions"}`);
  const values = Object.fromEntries(asked.map(([name], i) => [name, Number(found[i])]));
  if (metrics.includes("by-sex"))
    values["by-sex"] = Number(
      (
        await one(
          session,
          `SELECT min(a) FROM (SELECT avg(CAST(${isRight} AS INT)) AS a FROM predictions WHERE split = 'test' GROUP BY sex_name)`,
        )
      )[0],
    );
  if (metrics.includes("train-auc"))
    values["train-auc"] = Number(
      (
        await one(
          session,
          `SELECT sum(p * (2 * below + q)) / (2e0 * sum(p) * sum(q)) FROM (SELECT p, q, coalesce(sum(q) OVER (ORDER BY score ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below FROM (SELECT score, count(*) FILTER (WHERE label = 1) AS p, count(*) FILTER (WHERE label = 0) AS q FROM predictions WHERE split = 'train' GROUP BY score))`,
        )
      )[0],
    );
  return values;
}

async function one(session: SparkSession, query: string): Promise<readonly unknown[]> {
  const table = await session.collect(sql(query));
  return table.schema.fields.map((_, i) => table.getChildAt(i)?.get(0) as unknown);
}
