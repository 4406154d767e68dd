import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ColumnBytes, TraceIteration } from "../../src/core/iteration.ts";
import { formatTrace, parseTrace } from "../../src/traces/format/parse-text.ts";
import { node, versions } from "../support/sequences.ts";

const header = { format: "reuselab.trace", version: 1, name: "columns" } as const;
const c = (id: string, bytes: number): ColumnBytes => ({ id, bytes });
const parsed = (...lines: string[]): readonly TraceIteration[] =>
  parseTrace([JSON.stringify(header), ...lines].join("\n"), "t").iterations;
const line = (iteration: number, columns: string, nodeColumns: string): string =>
  `{"iteration":${iteration},"changeType":"initial"${columns},"nodes":[{"id":"a","op":"a","signature":"a","parents":[],"computeUs":1,"sizeBytes":9,"columns":${nodeColumns}}]}`;

describe("the columns of a trace", () => {
  test("are listed once, by the first line that has them, and named by number after that", () => {
    const frame = [c("x", 4), c("y", 5)];
    const wide = [...frame, c("z", 6)];
    const iterations = versions(
      [node("s", "", 1), node("a", "s", 1, { columns: frame })],
      [node("s", "", 1), node("a", "s", 1, { columns: frame }), node("b", "a", 1, { columns: wide })],
    );
    const text = formatTrace({ header, iterations });
    const [, first = "", second = ""] = text.split("\n");
    expect(first).toContain('"columns":[{"id":"x","bytes":4},{"id":"y","bytes":5}],"nodes":');
    expect(first).toContain('"columns":[0,1]');
    expect(second).toContain('"columns":[{"id":"z","bytes":6}],"nodes":');
    expect(second).toContain('"columns":[0,1,2]');
    expect(parseTrace(text, "t").iterations).toEqual(iterations);
  });

  test("may be listed in full by every node, as before", () => {
    expect(parsed(line(0, "", '[{"id":"x","bytes":4}]'))[0]?.nodes[0]?.columns).toEqual([c("x", 4)]);
    expect(
      parsed(line(0, ',"columns":[{"id":"x","bytes":4}]', '[{"id":"y","bytes":1},0]'))[0]?.nodes[0]?.columns,
    ).toEqual([c("y", 1), c("x", 4)]);
  });

  test("survive writing and reading, whatever nodes share, also where bytes of one id differ", () => {
    const columns = fc.option(
      fc.array(fc.record({ id: fc.constantFrom("p", "q", "r"), bytes: fc.nat(2) }), { maxLength: 4 }),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(columns, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        (drawn) => {
          const iterations = versions(
            ...drawn.map((list) =>
              list.map((own, i) => node(`n${i}`, "", 1, own === undefined ? {} : { columns: own })),
            ),
          );
          const text = formatTrace({ header, iterations });
          expect(parseTrace(text, "t").iterations).toEqual(iterations);
          expect(formatTrace(parseTrace(text, "t"))).toBe(text);
        },
      ),
    );
  });

  test.each([
    [
      [line(0, ',"columns":[{"id":"x","bytes":4}]', "[1]")],
      "t:2: nodes[0].columns[0]: is 1; the lines so far list 1 columns",
    ],
    [[line(0, "", "[0]")], "t:2: nodes[0].columns[0]: is 0"],
    [
      [line(0, ',"columns":[{"id":"x","bytes":4}]', "[0]"), line(1, ',"columns":[{"id":"x","bytes":5}]', "[0]")],
      't:3: columns[0]: "x" is column 0 already, with 4 bytes',
    ],
    [[line(0, ',"columns":[0]', "[]")], "t:2: columns[0]"],
    [[line(0, "", "[-1]")], "t:2: nodes[0].columns[0]"],
  ])("are refused where a number stands for nothing or an id comes twice", (lines, message) => {
    expect(() => parsed(...lines)).toThrow(message);
  });

  test("a frame of 1,000 columns in 300 nodes takes some 1.2 MB a line, not 12", () => {
    const wide = Array.from({ length: 1_000 }, (_, i) => c(`${i}`.padStart(16, "0"), 8_000 + i));
    const nodes = [node("n0", "", 1, { columns: wide })];
    for (let i = 1; i < 300; i++) nodes.push(node(`n${i}`, `n${i - 1}`, 1, { columns: wide }));
    const text = formatTrace({ header, iterations: versions(nodes) });
    expect(text.length).toBeLessThan(1_400_000);
    expect(JSON.stringify(nodes).length).toBeGreaterThan(10_000_000);
  });
});
