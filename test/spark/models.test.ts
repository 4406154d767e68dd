import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Operator } from "../../src/core/operators.ts";
import { rngStream } from "../../src/core/rng.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { useSparkServer } from "./shared-server.ts";
import { computeEach, node } from "./two-engines.ts";

const spark = useSparkServer();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-models-"));
  const rng = rngStream(1, "models/rows");
  const words = ["red", "green", "blue"];
  const lines = Array.from({ length: 200 }, () => {
    const word = words[Math.floor(rng() * 3)]!;
    const x = rng();
    return `${word},${x},${x + (word === "red" ? 0.4 : 0) + rng() * 0.3 > 0.8 ? "yes" : "no"}`;
  });
  writeFileSync(join(folder, "rows.csv"), lines.join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns = [
  { name: "word", type: "text" },
  { name: "x", type: "double" },
  { name: "y", type: "text" },
] as const;
const assemble: Operator = { op: "assemble", label: 1, positive: "yes", standardise: true };
const examples = () => [
  node("data", {
    op: "source",
    dataset: "d",
    fingerprint: "f",
    files: [{ path: join(folder, "rows.csv"), split: "train" }],
  }),
  node("rows", { op: "scan", format: "csv", columns }, ["data"]),
  node("word", { op: "field", column: "word", as: "categorical" }, ["rows"]),
  node("x", { op: "field", column: "x", as: "numeric" }, ["rows"]),
  node("target", { op: "field", column: "y", as: "categorical" }, ["rows"]),
  node("examples", assemble, ["rows", "target", "word", "x"]),
];
const model = node("model", { op: "learn", model: "logistic-regression", l2: 0.5 }, ["examples"]);
const predictions = node("predictions", { op: "predict" }, ["model", "examples"]);

test("a fitted model is stored as MLlib saves it, is loaded in another session, predicts the same, and can be stored again", async () => {
  const server = { host: "127.0.0.1", port: spark.server().port, token: spark.server().token };
  const store = await openStore(join(folder, "store"));
  const first = await openSpark({ server, store });
  const learned = await computeEach(first, [...examples(), model, predictions]);
  const scores = await learned.columns("predictions", ["score"]);
  const { bytes } = await first.write(learned.handles.get("model")!, "m", {});
  await first.close();

  const entry = store.entry("m")!;
  expect(entry.objects.map(({ name }) => name).toSorted()).toEqual(["data", "mllib-0", "mllib-1"]);
  expect(store.usedBytes).toBe(bytes);
  const objects = readdirSync(join(folder, "store", "objects"));
  expect(objects.toSorted()).toEqual(entry.objects.map(({ id }) => id).toSorted());
  const contents = objects.map((name) => readFileSync(join(folder, "store", "objects", name)));
  expect(
    contents.some((content) => content.includes("org.apache.spark.ml.classification.LogisticRegressionModel")),
  ).toBe(true);
  expect(contents.some((content) => content.subarray(0, 4).toString() === "PAR1")).toBe(true);

  const second = await openSpark({ server, store });
  try {
    const { result } = await second.load("m", model, {});
    const again = await computeEach(second, [...examples(), predictions], new Map([["model", result]]));
    expect(await again.columns("predictions", ["score"])).toEqual(scores);
    await second.write(result, "n", {});
    const reloaded = await second.load("n", model, {});
    expect(reloaded.result.memoryBytes).toBe(result.memoryBytes);
    expect(readdirSync(join(folder, "store", "objects")).filter((name) => name.startsWith("tmp-"))).toEqual([]);
  } finally {
    await second.close();
    await store.close();
  }
});
