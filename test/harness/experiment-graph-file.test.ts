import fc from "fast-check";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { ExperimentGraphFile, readExperimentGraph } from "../../src/harness/experiment-graph-file.ts";
import { experimentGraphLines, ExperimentGraphParser } from "../../src/simulator/experiment-graph-format.ts";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import { graphPlan, grow } from "../support/experiment-graphs.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-graph-"));
const path = join(folder, "graph.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));

const text = (graph: UnionGraph): string => [...experimentGraphLines(graph), ""].join("\n");

function example(): UnionGraph {
  const graph = new UnionGraph();
  const columns = [{ id: "c", bytes: 4 }];
  const a = graph.update({ signature: "a", parents: [], computeUs: 9, loadUs: 4, sizeBytes: 20, columns });
  graph.update({ signature: "b", parents: [a], computeUs: 1, loadUs: 2, sizeBytes: 3, quality: 0.8, executed: false });
  graph.settle(new Set([a]), []);
  return graph;
}

beforeEach(() => {
  writeFileSync(path, text(example()));
});

describe("an experiment graph on disk", () => {
  test("is one JSON line per column and vertex", () => {
    expect(text(example())).toBe(
      `{"format":"reuselab.experiment-graph","version":1,"vertices":2,"columns":1}
{"column":"c","bytes":4}
{"signature":"a","parents":[],"frequency":1,"executions":1,"computeUs":9,"loadUs":4,"sizeBytes":20,"columns":[0],"stored":true}
{"signature":"b","parents":[0],"frequency":1,"executions":0,"computeUs":1,"loadUs":2,"sizeBytes":3,"quality":0.8}
`,
    );
  });

  test("read back it is the same graph, sums included, and goes on growing alike", () => {
    fc.assert(
      fc.property(graphPlan(), (plan) => {
        const graph = grow(new UnionGraph(), plan);
        const parser = new ExperimentGraphParser("graph");
        for (const [i, line] of [...experimentGraphLines(graph)].entries()) parser.line(line, i + 1);
        const copy = parser.end();
        expect(text(copy)).toBe(text(graph));
        grow(copy, plan);
        grow(graph, plan);
        for (let v = 0; v < graph.vertexCount; v++)
          expect([copy.recreationShare(v), copy.potentialShare(v)]).toEqual([
            graph.recreationShare(v),
            graph.potentialShare(v),
          ]);
      }),
    );
  });

  test("opened, changed, saved and closed, it holds the change; gzip is read too", async () => {
    const file = await ExperimentGraphFile.open(path);
    expect(file.graph.isStored(0)).toBe(true);
    file.graph.update({ signature: "n", parents: [1], computeUs: 1, loadUs: 1, sizeBytes: 1 });
    file.save();
    file.close();
    expect((await readExperimentGraph(path)).idOf("n")).toBe(2);
    expect(readdirSync(folder)).toEqual(["graph.jsonl"]);
    writeFileSync(path, gzipSync(readFileSync(path)));
    expect((await readExperimentGraph(path)).vertexCount).toBe(3);
  });

  test("has one writer: a second one is told who, a lock left by a dead process is taken over", async () => {
    const file = await ExperimentGraphFile.open(path);
    await expect(ExperimentGraphFile.open(path)).rejects.toThrow(`is being written by process ${process.pid}`);
    expect((await readExperimentGraph(path)).vertexCount).toBe(2); // readers need no lock
    file.close();
    writeFileSync(`${path}.lock`, "999999999\n");
    (await ExperimentGraphFile.open(path)).close();
  });

  const good = text(example());
  const lines = good.trimEnd().split("\n");
  test.each([
    ["a line is cut in the middle", good.slice(0, -20), /:4: is not a line of JSON/u],
    [
      "lines are missing at the end",
      `${lines.slice(0, 3).join("\n")}\n`,
      /ends after 1 of 1 columns and 1 of 2 vertices/u,
    ],
    ["it is empty", "", /is empty/u],
    [
      "it is of a newer version",
      good.replace('"version":1', '"version":2'),
      /:1: version: is 2; this program reads version 1/u,
    ],
    ["it is something else", good.replace("experiment-graph", "trace"), /:1: format: is "reuselab.trace"/u],
    ["a quality is outside [0, 1]", good.replace("0.8", "1.8"), /:4: vertex b: quality is 1.8/u],
    ["a parent comes later", good.replace('"parents":[0]', '"parents":[1]'), /:4: parents: is \[1\]/u],
    [
      "a column id has two sizes",
      good
        .replace('"columns":1', '"columns":2')
        .replace('{"column":"c","bytes":4}', '{"column":"c","bytes":4}\n{"column":"c","bytes":5}')
        .replace('"columns":[0]', '"columns":[0,1]'),
      /column c has 5 bytes, but 4/u,
    ],
    ["a cost is no count", good.replace('"loadUs":2', '"loadUs":2.5'), /:4: loadUs: is 2.5/u],
  ])("says what is wrong when %s, leaves the file alone and no lock behind", async (_what, content, message) => {
    writeFileSync(path, content);
    await expect(ExperimentGraphFile.open(path)).rejects.toThrow(message);
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(readdirSync(folder)).toEqual(["graph.jsonl"]);
  });
});
