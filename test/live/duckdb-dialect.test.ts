import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Operator } from "../../src/core/operators.ts";
import type { ResultHandle } from "../../src/core/executor.ts";
import type { DuckDbExecutor } from "../../src/executors/duckdb/executor.ts";
import { computeInGroups, node, withExecutor } from "./duckdb-support.ts";

type Cell = string | number | boolean | null;

/** Reads columns of a result by a user's function, which sees what the engine holds. */
async function columnsOf(
  executor: DuckDbExecutor,
  handle: ResultHandle,
  columns: readonly string[],
): Promise<Cell[][]> {
  const seen: Cell[][] = [];
  const operator: Operator = {
    op: "udf",
    columns,
    returns: { name: "v", type: "integer" },
    source: "",
    with: {},
    fn: (given) => {
      for (const name of columns) seen.push([...(given[name] as Cell[])]);
      return (given[columns[0]!] ?? []).map(() => 0);
    },
  };
  const probe = node("probe", operator, [handle.node.id]);
  const inputs = new Map([[handle.node.id, handle]]);
  const { results } = await executor.compute({ nodes: [probe], barriers: new Set(["probe"]) }, inputs, {});
  for (const result of results.values()) await executor.release(result);
  return seen;
}

/** Results of the last nodes over a small file with the columns `a` (text), `n` (integer), `x` (double). */
async function overFile(
  text: string,
  operators: readonly (readonly [id: string, operator: Operator, parents: readonly string[]])[],
  look: (executor: DuckDbExecutor, handles: ReadonlyMap<string, ResultHandle>) => Promise<void>,
): Promise<void> {
  await withExecutor(async (executor, _store, folder) => {
    const path = `${folder}/it's a "file".csv`;
    await writeFile(path, text);
    const nodes = [
      node("data", { op: "source", dataset: "d", fingerprint: "f", files: [{ path, split: "train" }] }),
      node(
        "rows",
        {
          op: "scan",
          format: "csv",
          columns: [
            { name: "a", type: "text" },
            { name: "n", type: "integer" },
            { name: "x", type: "double" },
          ],
        },
        ["data"],
      ),
      ...operators.map(([id, operator, parents]) => node(id, operator, parents)),
    ];
    const { handles } = await computeInGroups(
      executor,
      nodes.map((each) => [each]),
    );
    await look(executor, handles);
  });
}

const categorical = (column: string, trimSuffix?: string): Operator =>
  trimSuffix === undefined
    ? { op: "field", column, as: "categorical" }
    : { op: "field", column, as: "categorical", trimSuffix };
const numeric = (column: string): Operator => ({ op: "field", column, as: "numeric" });

describe("dialect traps, run on the engine", () => {
  it("scans: spaces trimmed, `?`, a space and nothing are null, comment and empty lines skipped, quotes kept whole", async () => {
    const text = '|1x3 validator\n b , 1, 0.5\n\n ?,?,?\n,,\n , , \n"c, d",-3, 1e3\n';
    await overFile(text, [], async (executor, handles) => {
      const rows = await columnsOf(executor, handles.get("rows")!, ["a", "n", "x"]);
      expect(rows).toEqual([
        ["b", null, null, null, "c, d"],
        [1, null, null, null, -3],
        [0.5, null, null, null, 1000],
      ]);
    });
  });

  it("keeps backslashes, quotes and unicode in values, suffixes and predicates", async () => {
    const text = "\\d'.,1,1\nÄpfel.,2,2\nx..,3,3\n";
    await overFile(
      text,
      [
        ["trimmed", categorical("a", "."), ["rows"]],
        ["only", { op: "filter", column: "a", compare: "eq", value: "\\d'." }, ["rows"]],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("trimmed")!, ["value"])).toEqual([["\\d'", "Äpfel", "x."]]);
        expect(await columnsOf(executor, handles.get("only")!, ["n"])).toEqual([[1]]);
      },
    );
  });

  it("bucketises with the lower edge included and null left null", async () => {
    await overFile(
      "a,9,1\na,10,1\na,19,1\na,20,1\na,?,1\n",
      [
        ["n", numeric("n"), ["rows"]],
        ["bucket", { op: "bucketise", edges: [10, 20] }, ["n"]],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("bucket")!, ["value"])).toEqual([[0, 1, 1, 2, null]]);
      },
    );
  });

  it("crosses to null if any value is null (a concatenation that ignores null would not)", async () => {
    await overFile(
      "p,1,1\n?,2,2\n",
      [
        ["a", categorical("a"), ["rows"]],
        ["n", categorical("n"), ["rows"]],
        ["cross", { op: "interaction" }, ["a", "n"]],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("cross")!, ["value"])).toEqual([["p\u001F1", null]]);
      },
    );
  });

  it("computes log, square, sign and standard scores as written, integers exactly", async () => {
    await overFile(
      "a,1,0.5\na,2,-2\na,4,?\na,?,1\n",
      [
        ["n", numeric("n"), ["rows"]],
        ["x", numeric("x"), ["rows"]],
        ["log", { op: "expression", fn: "log1p" }, ["x"]],
        ["square", { op: "expression", fn: "square" }, ["n"]],
        ["positive", { op: "expression", fn: "is-positive" }, ["x"]],
        ["score", { op: "expression", fn: "standardise" }, ["n"]],
        ["scoreX", { op: "expression", fn: "standardise" }, ["x"]],
      ],
      async (executor, handles) => {
        const of = async (id: string): Promise<Cell[]> => (await columnsOf(executor, handles.get(id)!, ["value"]))[0]!;
        expect(await of("log")).toEqual([Math.log(1.5), null, null, Math.log(2)]);
        expect(await of("square")).toEqual([1, 4, 16, null]);
        expect(await of("positive")).toEqual([1, 0, null, 1]);
        const mean = 7 / 3;
        const deviation = Math.sqrt(3 * 21 - 49) / 3;
        expect(await of("score")).toEqual([
          (1 - mean) / deviation,
          (2 - mean) / deviation,
          (4 - mean) / deviation,
          null,
        ]);
        expect((await of("scoreX")).map((value) => (typeof value === "number" ? value.toFixed(12) : value))).toEqual(
          [0.5, -2, null, 1].map((x) =>
            x === null
              ? null
              : (
                  (x + 0.5 / 3) /
                  Math.sqrt(((0.5 + 0.5 / 3) ** 2 + (2 - 0.5 / 3) ** 2 + (1 + 0.5 / 3) ** 2) / 3)
                ).toFixed(12),
          ),
        );
      },
    );
  });

  it("divides by nothing to null rather than infinity, sums integers to integers, sorts null keys last", async () => {
    await overFile(
      "p,1,0.1\nq,2,0.2\np,4,0.3\n?,8,?\n",
      [
        [
          "sums",
          {
            op: "aggregate",
            keys: ["a"],
            measures: [
              { fn: "count", as: "rows" },
              { fn: "sum", column: "n", as: "s" },
              { fn: "mean", column: "x", as: "m" },
              { fn: "stddev", column: "n", as: "d" },
              { fn: "min", column: "n", as: "least" },
            ],
          },
          ["rows"],
        ],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("sums")!, ["a", "rows", "s", "m", "d", "least"])).toEqual([
          ["p", "q", null],
          [2, 1, 1],
          [5, 2, 8],
          [(0.1 + 0.3) / 2, 0.2, null],
          [Math.sqrt(4.5), null, null],
          [1, 2, 8],
        ]);
      },
    );
  });

  it("joins to the left in the left rows' order, null keys matching nothing", async () => {
    await overFile(
      "q,1,1\np,2,2\n?,3,3\nq,4,4\n",
      [
        ["big", { op: "filter", column: "n", compare: "ge", value: 2 }, ["rows"]],
        ["joined", { op: "join", on: ["a"], prefix: "r_" }, ["rows", "big"]],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("joined")!, ["a", "n", "r_n"])).toEqual([
          ["q", "p", null, "q"],
          [1, 2, 3, 4],
          [4, 2, null, 4],
        ]);
      },
    );
  });

  it("hashes by the first eight digits of md5, as any engine can", async () => {
    await overFile(
      "abc,1,1\n?,1,1\n",
      [
        ["a", categorical("a"), ["rows"]],
        ["hash", { op: "hash-feature", buckets: 1000 }, ["a"]],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("hash")!, ["value"])).toEqual([[0x90015098 % 1000, null]]);
      },
    );
  });

  it("codes values by code points over the train split, 0 for null", async () => {
    await overFile(
      "b,1,1\na,2,1\nB,3,0\n?,4,1\nä,5,0\n",
      [
        ["a", categorical("a"), ["rows"]],
        ["n", numeric("n"), ["rows"]],
        ["target", categorical("x"), ["rows"]],
        ["examples", { op: "assemble", label: 1, positive: "1.0", standardise: false }, ["rows", "target", "a", "n"]],
      ],
      async (executor, handles) => {
        expect(await columnsOf(executor, handles.get("examples")!, ["label", "f0", "f1"])).toEqual([
          [1, 1, 0, 1, 0],
          [3, 2, 1, 0, 4],
          [1, 2, 3, 4, 5],
        ]);
      },
    );
  });
});
