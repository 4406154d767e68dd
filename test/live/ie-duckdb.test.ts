import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { foldQuality } from "../../bench/ie/fold-quality.ts";
import { featureColumns, type TextColumn, tokenTable } from "../../bench/ie/text-features.ts";
import { systemById } from "../../src/baselines/index.ts";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator, ScanOp, SourceOp } from "../../src/core/operators.ts";
import { rngStream } from "../../src/core/rng.ts";
import { prepareDataset, type PreparedData } from "../../src/harness/datasets/index.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import { parseConll } from "../../src/workloads/ie/conll.ts";
import { ieDprOptions } from "../../src/workloads/ie/edits.ts";
import { ie, ieCover } from "../../src/workloads/ie/index.ts";
import { ieWorkflow } from "../../src/workloads/ie/workflow.ts";
import { computeInGroups, inFolder, node, releaseAll, withExecutor } from "./duckdb-support.ts";

const params = { model: "chain-perceptron", testFold: 0 } as const;
const wikigold = "../shared/data/ie";
const hasWikigold = existsSync(`${wikigold}/wikigold.conll.txt`);
if (!hasWikigold) process.stderr.write(`left out: IE on Wikigold; ${wikigold} is not there\n`);

const textOf = (data: PreparedData): string => readFileSync(data.sources["ie"]!.files[0]!.path, "utf8");

/** A node that hands the values of other nodes' columns to `see`. */
function probe(
  parents: readonly string[],
  columns: readonly string[],
  see: (columns: Readonly<Record<string, readonly unknown[]>>) => void,
): IterationNode {
  const [first = ""] = columns;
  return node(
    "probe",
    {
      op: "udf",
      columns,
      returns: { name: "seen", type: "text" },
      source: "",
      with: {},
      fn: (values) => {
        see(values);
        return (values[first] ?? []).map(() => "");
      },
    },
    parents,
  );
}

/** Every feature any edit makes, on one version. */
function widestVersion(source: SourceOp): readonly IterationNode[] {
  let version = ieWorkflow(source);
  for (const id of ["context-words", "short-shapes", "affixes", "given-names"]) {
    const variants = ieDprOptions.find((option) => option.id === id)?.variants ?? [];
    for (const { apply } of variants.slice(-1)) version = apply(version);
  }
  for (const { id, variants } of ieDprOptions)
    if (id !== "context-shapes" && variants.length === 2) version = variants[1]!.apply(version);
  return flattenEdits({ first: version, runs: [] })[0]!.nodes;
}

describe("text on DuckDB", () => {
  it("gives every feature of every token as an independent reading of the same operators does, in the order of the text", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("ie", hasWikigold ? { dataDir: wikigold } : { cacheDir: folder });
      const nodes = widestVersion(data.sources["ie"]!);
      const stop = nodes.findIndex(({ id }) => id === "examples");
      const features = nodes[stop]!.parents.slice(1);
      expect(features.length).toBeGreaterThan(30);
      let seen: Readonly<Record<string, readonly unknown[]>> = {};
      await withExecutor(async (executor) => {
        const upTo = nodes.slice(0, stop);
        const { handles } = await computeInGroups(executor, [
          [...upTo, probe(features, features, (columns) => (seen = columns))],
        ]);
        await releaseAll(executor, handles);
      });
      const expected = featureColumns(nodes, tokenTable(parseConll(textOf(data))));
      for (const name of features) {
        const found = (seen[name] ?? []).map((value) => (value === null ? null : `${value as string | number}`));
        const wanted: TextColumn = expected.get(name) ?? [];
        expect(found).toHaveLength(wanted.length);
        const wrong = found.findIndex((value, t) => value !== wanted[t]);
        expect(wrong < 0 ? "" : `${name}, token ${wrong}: ${found[wrong]} instead of ${wanted[wrong]}`).toBe("");
      }
    });
  });

  it("reads documents, sentences and tokens of odd files: several files, carriage returns, spare blank lines, no last line end", async () => {
    const texts = [
      "a O\r\nB I-PER\r\n\r\n\r\n\r\nc O\r\n-DOCSTART- O\r\n\r\n-DOCSTART- O\r\n\r\nd O\r\n",
      "-DOCSTART- -X- O\n\n\ne X I-ORG\nf' O\n\n\n\n\"g O",
    ];
    await inFolder(async (folder) => {
      const files = await Promise.all(
        texts.map(async (text, i) => {
          const path = join(folder, `o'dd ${i}.conll`);
          await writeFile(path, text);
          return { path, split: i === 0 ? "train" : "test" };
        }),
      );
      const source: SourceOp = { op: "source", dataset: "odd", fingerprint: "odd", files };
      const scan = (format: ScanOp["format"], names: readonly string[], more: Partial<ScanOp> = {}): Operator => ({
        op: "scan",
        format,
        columns: names.map((name) => ({ name, type: "text" })),
        ...more,
      });
      const columns = ["split", "doc", "sentence", "token", "tag"];
      const rowsOf = async (nodes: readonly IterationNode[]): Promise<unknown[][]> => {
        let rows: unknown[][] = [];
        await withExecutor(async (executor) => {
          const last = nodes.at(-1)!.id;
          const see = probe([last], columns, (found) => {
            rows = (found["token"] ?? []).map((_, row) => columns.map((name) => found[name]?.[row]));
          });
          const { handles } = await computeInGroups(executor, [[node("data", source), ...nodes, see]]);
          await releaseAll(executor, handles);
        });
        return rows;
      };
      const expected = [
        ["train", 0, 0, "a", "O"],
        ["train", 0, 0, "B", "I-PER"],
        ["train", 0, 1, "c", "O"],
        ["train", 1, 2, "d", "O"],
        ["test", 2, 3, "e", "I-ORG"],
        ["test", 2, 3, "f'", "O"],
        ["test", 2, 4, '"g', "O"],
      ];
      expect(await rowsOf([node("tokens", scan("conll", ["token", "tag"]), ["data"])])).toEqual(expected);
      const held = await rowsOf([
        node("documents", scan("documents", ["text"], { holdOut: { every: 2, at: 1 } }), ["data"]),
        node("sentences", { op: "text", fn: "sentences" }, ["documents"]),
        node("tokens", { op: "text", fn: "tokens" }, ["sentences"]),
      ]);
      expect(held).toEqual(expected.map((row) => (row[1] === 1 ? ["test", ...row.slice(1)] : row)));
    });
  });

  it("counts mentions of a type that only the held-out documents have as missed", async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "wikigold.conll.txt");
      const trained = "-DOCSTART- O\n\nIn O\nOslo I-LOC\nABC I-ORG\nsaid O\n\n";
      await writeFile(path, `Ann I-PER\nsaid O\n\n${trained.repeat(4)}`);
      const data = await prepareDataset("ie", { dataDir: folder });
      const [first] = ie.versions(data, 1, params);
      const count = node("count", { op: "reduce", metric: "span-count", split: "test" }, ["mentions"]);
      await withExecutor(async (executor) => {
        const { metrics, handles } = await computeInGroups(executor, [[...first!.nodes, count]]);
        expect(metrics).toMatchObject({ "count.goldSpans": 1, "count.matchedSpans": 0, "checked.recall": 0 });
        await releaseAll(executor, handles);
      });
    });
  });

  it("gives the same metrics, bit for bit, however a version is cut into segments, in every edit of the cover", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("ie", { scale: 0.05, cacheDir: folder });
      const rng = rngStream(5, "cuts");
      await withExecutor(async (executor) => {
        for (const { nodes } of ieCover.versions(data, 1, {})) {
          const seen = new Set<string>();
          for (const share of [0, 0.3]) {
            const groups: IterationNode[][] = [[]];
            for (const each of nodes) {
              if (groups.at(-1)!.length > 0 && rng() < share) groups.push([]);
              groups.at(-1)!.push(each);
            }
            const { handles, metrics } = await computeInGroups(executor, groups);
            expect(Object.keys(metrics).length).toBeGreaterThan(2);
            seen.add(JSON.stringify(Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1))));
            await releaseAll(executor, handles);
          }
          expect([...seen]).toHaveLength(1);
        }
        expect(executor.tableCount).toBe(0);
      });
    });
  }, 120_000);

  it("gives the same metric values under naive, helix and deepdive; KeystoneML is left out with its reason", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("ie", { scale: 0.2, cacheDir: folder });
      const run = (id: string, budgetBytes: number | null) =>
        executeCell({
          workload: "ie",
          requires: ie.requires ?? [],
          dataTitle: data.title,
          versions: ie.versions(data, 1, params).slice(0, 4),
          executor: "duckdb",
          system: systemById(id)!,
          budgetBytes,
          seed: 1,
          profile: "hot",
          out: join(folder, "out"),
        });
      const { metrics: expected } = await run("naive", null);
      expect(expected.map((values) => Object.keys(values).length)).toEqual([3, 3, 3, 3]);
      for (const [id, budgetBytes] of [
        ["helix", null],
        ["helix", 400_000],
        ["deepdive", null],
      ] as const) {
        const { metrics, rows, failure } = await run(id, budgetBytes);
        expect(failure).toBeUndefined();
        expect(rows).toHaveLength(4);
        for (const [i, values] of metrics.entries())
          for (const [name, value] of Object.entries(expected[i]!))
            expect(Math.abs((values[name] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-9);
      }
      const { exclusion } = await run("keystoneml", null);
      expect(exclusion?.reason).toContain("structured-prediction");
    });
  }, 120_000);
});

describe.skipIf(!hasWikigold)("on Wikigold", () => {
  it("the engine's span F1 of a fold is that of the reading without an engine, to the last bit; stray tags included", async () => {
    const data = await prepareDataset("ie", { dataDir: wikigold });
    const table = tokenTable(parseConll(textOf(data)));
    const versions = ie.versions(data, 1, { ...params, testFold: 3 });
    await withExecutor(async (executor) => {
      const alone = ie.versions(data, 1, { model: "token-perceptron", testFold: 3 });
      for (const { nodes } of [versions[0]!, versions.at(-1)!, alone[0]!]) {
        const { metrics, handles } = await computeInGroups(executor, [nodes]);
        const { folds } = await foldQuality(nodes, table, [3]);
        expect(metrics["checked.f1"]).toBe(folds[0]!.f1);
        expect(metrics["checked.precision"]).toBe(folds[0]!.precision);
        expect(metrics["checked.f1"]).toBeGreaterThan(nodes === alone[0]!.nodes ? 0.4 : 0.6);
        await releaseAll(executor, handles);
      }
    });
  });
});
