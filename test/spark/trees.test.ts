import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResultHandle } from "../../src/core/executor.ts";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { LearnOp, Operator } from "../../src/core/operators.ts";
import { rngStream } from "../../src/core/rng.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { type Computed, computeEach, node, useTwoEngines } from "./two-engines.ts";

const engines = useTwoEngines();
const rowCount = { train: 3000, test: 2000 };
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-trees-"));
  const rng = rngStream(1, "trees/rows");
  const words = ["ash", "beech", "cedar", "elm", "fir", "larch"];
  for (const split of ["train", "test"] as const) {
    const lines = Array.from({ length: rowCount[split] }, () => {
      const word = words[Math.floor(rng() * words.length)]!;
      const [x, z] = [rng(), rng()];
      const isOdd = word === "ash" || word === "cedar" || word === "fir";
      const label = (isOdd && x > 0.4) || z > 0.8;
      const isRare = isOdd && x > 0.8 && rng() < 0.35;
      return `${word},${x},${z},${label ? "yes" : "no"},${label ? (z > 0.8 ? "top" : "odd") : "none"},${isRare ? 1 : 0}`;
    });
    writeFileSync(join(folder, `${split}.csv`), lines.join("\n"));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns = [
  { name: "word", type: "text" },
  { name: "x", type: "double" },
  { name: "z", type: "double" },
  { name: "y", type: "text" },
  { name: "kind", type: "text" },
  { name: "rare", type: "integer" },
] as const;
const assemble: Operator = { op: "assemble", label: 1, positive: "yes", standardise: false };
const scanned = () => [
  node("data", {
    op: "source",
    dataset: "d",
    fingerprint: "f",
    files: (["train", "test"] as const).map((split) => ({ path: join(folder, `${split}.csv`), split })),
  }),
  node("rows", { op: "scan", format: "csv", columns }, ["data"]),
  ...(["word", "y", "kind", "rare"] as const).map((column) =>
    node(column, { op: "field", column, as: "categorical" }, ["rows"]),
  ),
  ...(["x", "z"] as const).map((column) => node(column, { op: "field", column, as: "numeric" }, ["rows"])),
];
const examples = node("examples", assemble, ["rows", "y", "word", "x", "z"]);
const forest: LearnOp = { op: "learn", model: "random-forest", trees: 12, minLeafRows: 2, featuresPerSplit: 2 };
const boosted: LearnOp = { op: "learn", model: "gradient-boosting", trees: 10, learningRate: 0.4, maxLeaves: 16 };
const judged = (learn: LearnOp) => [
  node("model", learn, ["examples"]),
  node("predictions", { op: "predict", threshold: 0.45 }, ["model", "examples"]),
  node("accuracy", { op: "reduce", metric: "accuracy", split: "test" }, ["predictions"]),
  node("auc", { op: "reduce", metric: "auc", split: "test" }, ["predictions"]),
];

/** The columns that nodes are made of, on both engines. */
let bases: readonly [duckdb: Computed, spark: Computed];
beforeAll(async () => {
  bases = [await computeEach(engines.duckdb(), scanned()), await computeEach(engines.spark(), scanned())];
});

/** Nodes over these columns, on both engines. */
async function onBoth(nodes: readonly IterationNode[]): Promise<readonly [own: Computed, mllib: Computed]> {
  const [duckdb, spark] = bases;
  return [
    await computeEach(duckdb.executor, nodes, duckdb.handles),
    await computeEach(spark.executor, nodes, spark.handles),
  ];
}

const modelOf = ({ handles }: Computed, id = "model"): Readonly<Record<string, unknown>> =>
  (handles.get(id)!.payload as { readonly model: Readonly<Record<string, unknown>> }).model;
const address = () => ({ host: "127.0.0.1", port: engines.server().port, token: engines.server().token });

test.each([
  { ...forest, holdOutEvery: 5 },
  { ...boosted, rowShare: 0.9, featureShare: 0.9, holdOutEvery: 5 },
])("learn %o: MLlib's trees do as well as the project's own, also on held-out rows", async (learn) => {
  const [own, mllib] = await onBoth([examples, ...judged(learn)]);
  expect(modelOf(mllib)).toMatchObject({ model: learn.model, learnedBy: "mllib", featureCount: 3 });
  expect(modelOf(own)).not.toHaveProperty("learnedBy");
  for (const metric of ["accuracy.accuracy", "auc.auc"]) {
    expect([metric, own.metrics[metric]! > 0.95]).toEqual([metric, true]);
    expect([metric, Math.abs(mllib.metrics[metric]! - own.metrics[metric]!) <= 1e-2]).toEqual([metric, true]);
  }
  const areas = [own, mllib].map((side) => Number(modelOf(side)["validationAuc"]));
  expect(Math.abs(areas[0]! - areas[1]!)).toBeLessThan(1e-2);
  const importance = [...(modelOf(mllib)["importance"] as Float64Array)];
  expect(importance.length).toBe(3);
  expect(importance.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);

  const [labels, predicted, scores, x] = [
    ...(await mllib.columns("predictions", ["label", "prediction", "score"])),
    ...(await mllib.columns("rows", ["x"])),
  ];
  expect(predicted).toEqual(scores!.map((score) => (Number(score) >= 0.45 ? 1 : 0)));
  expect(labels).toEqual((await own.columns("predictions", ["label"]))[0]);
  expect(x).toEqual((await own.columns("rows", ["x"]))[0]);
});

test("a forest ranks rows of a rare label, though no leaf has it in the majority", async () => {
  const rare = node("examples", { ...assemble, positive: "1" }, ["rows", "rare", "word", "x", "z"]);
  const [own, mllib] = await onBoth([rare, ...judged({ ...forest, minLeafRows: 60 })]);
  for (const side of [own, mllib]) {
    const [labels, scores] = await side.columns("predictions", ["label", "score"]);
    expect(labels!.filter((label) => label === 1).length / labels!.length).toBeLessThan(0.1);
    expect(Math.max(...scores!.map(Number))).toBeLessThan(0.5);
    expect(side.metrics["auc.auc"]).toBeGreaterThan(0.9);
  }
});

test("trees are stored as MLlib saves them, loaded in another session, predict the same, and can be stored again", async () => {
  const models = [
    { id: "forest", learn: forest, name: "regression.RandomForestRegressionModel" },
    { id: "boosted", learn: boosted, name: "classification.GBTClassificationModel" },
  ].map(({ id, learn, name }) => ({ id, name, node: node(id, { ...learn, trees: 4 }, ["examples"]) }));
  const all = [
    ...scanned().filter(({ id }) => id !== "kind" && id !== "rare"),
    examples,
    ...models.flatMap((model) => [model.node, node(`p-${model.id}`, { op: "predict" }, [model.id, "examples"])]),
  ];
  const at = join(folder, "store");
  const store = await openStore(at);
  const first = await openSpark({ server: address(), store });
  const learned = await computeEach(first, all);
  const scores: unknown[] = [];
  for (const { id } of models) {
    scores.push((await learned.columns(`p-${id}`, ["score"]))[0]);
    await first.write(learned.handles.get(id)!, id, {});
  }
  await first.close();

  const contents = readdirSync(join(at, "objects")).map((object) => readFileSync(join(at, "objects", object)));
  for (const { id, name } of models) {
    const objects = store.entry(id)!.objects.map((object) => object.name);
    expect(objects.toSorted().slice(0, 2)).toEqual(["data", "mllib-0"]);
    expect(contents.some((content) => content.includes(`org.apache.spark.ml.${name}`))).toBe(true);
  }

  const second = await openSpark({ server: address(), store });
  try {
    const given = new Map<string, ResultHandle>();
    for (const model of models) given.set(model.id, (await second.load(model.id, model.node, {})).result);
    const again = await computeEach(second, all, given);
    for (const [i, { id, node: learner }] of models.entries()) {
      expect((await again.columns(`p-${id}`, ["score"]))[0]).toEqual(scores[i]);
      expect(modelOf(again, id)).toEqual(modelOf(learned, id));
      expect(given.get(id)!.memoryBytes).toBe(learned.handles.get(id)!.memoryBytes);
      await second.write(given.get(id)!, `${id} again`, {});
      const reloaded = await second.load(`${id} again`, learner, {});
      expect(reloaded.result.memoryBytes).toBe(given.get(id)!.memoryBytes);
    }
    expect(readdirSync(join(at, "objects")).filter((object) => object.startsWith("tmp-"))).toEqual([]);
  } finally {
    await second.close();
    await store.close();
  }
});

describe("what MLlib is not asked, or cannot", () => {
  test("boosting that shrinks its leaves is the project's own", async () => {
    const [own, here] = await onBoth([examples, ...judged({ ...boosted, l2: 0.5 })]);
    expect(modelOf(here)).not.toHaveProperty("learnedBy");
    expect(here.metrics).toEqual(own.metrics);
  });

  test("of several labels the first is told from the others, on both engines", async () => {
    const many: Operator = { ...assemble, positive: "" };
    const sides = await onBoth([
      node("examples", many, ["rows", "kind", "word", "x", "z"]),
      ...judged({ ...boosted, trees: 4 }).slice(0, 2),
    ]);
    const scores = [];
    for (const side of sides) {
      const [labels, predicted] = await side.columns("predictions", ["label", "prediction"]);
      expect(new Set(labels)).toEqual(new Set([0, 1, 2]));
      scores.push(
        labels!.filter((label, i) => Number(label) > 0 === Number(predicted![i]) > 0).length / labels!.length,
      );
    }
    expect(scores[0]).toBeGreaterThan(0.95);
    expect(Math.abs(scores[0]! - scores[1]!)).toBeLessThan(1e-2);
  });

  test("bad input is a fault of the workflow, said with its node", async () => {
    const [, spark] = bases;
    const refused = async (nodes: readonly IterationNode[], message: RegExp) => {
      await expect(computeEach(spark.executor, nodes, spark.handles)).rejects.toMatchObject({
        code: "E_WORKFLOW",
        message: expect.stringMatching(message) as string,
      });
    };
    const learned = (learn: LearnOp, features: readonly string[]) => [
      node("examples", assemble, ["rows", "y", ...features]),
      node("m", learn, ["examples"]),
    ];
    await refused(learned(forest, []), /node "m" learns from no feature/u);
    await refused(learned({ ...boosted, trees: 0 }, ["x"]), /gradient-boosting: parameter "trees" is 0/u);
    await refused(learned({ ...forest, holdOutEvery: 1 }, ["x"]), /node "m" holds out all rows/u);
    const none: Operator = { op: "filter", column: "split", compare: "eq", value: "test" };
    const empty = [
      node("none", none, ["rows"]),
      ...(["y", "x"] as const).map((column) =>
        node(`no-${column}`, { op: "field", column, as: column === "x" ? "numeric" : "categorical" }, ["none"]),
      ),
      node("examples", assemble, ["none", "no-y", "no-x"]),
      node("m", forest, ["examples"]),
    ];
    await refused(empty, /node "m" learns from no row/u);
    const applied = [node("others", assemble, ["rows", "y", "x", "z"]), node("p", { op: "predict" }, ["m", "others"])];
    await refused(
      [...learned({ ...forest, trees: 1, featuresPerSplit: 1 }, ["x"]), ...applied],
      /node "p" applies a model of 1 features to examples with 2/u,
    );
  });
});
