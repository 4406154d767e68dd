import { describe, expect, test } from "vitest";
import { checkNotebook } from "../../scripts/notebook-check.ts";

const js = (...values: string[]) => values.map((value, i) => ({ id: i + 1, mode: "js", value }));

describe("the source check of notebooks", () => {
  test("accepts explicit imports, names of other cells and what the kit defines itself", () => {
    expect(
      checkNotebook([
        ...js(`import { range } from "@observablehq/inputs";`, `const n = view(range([1, 2]));`, `display(n + width);`),
        { id: 9, mode: "md", value: "# Title" },
      ]),
    ).toEqual([]);
  });

  test.each(["Plot", "d3", "html", "Inputs", "tex", "vl", "aq", "FileAttachment"])(
    "refuses the kit's own %s",
    (name) => {
      expect(checkNotebook(js(`display(${name}("x"));`))).toEqual([
        expect.stringContaining(`"${name}" is not defined`),
      ]);
    },
  );

  test("accepts such a name once it is imported from what is installed", () => {
    expect(checkNotebook(js(`import * as Inputs from "@observablehq/inputs";`, `view(Inputs.range([0, 1]));`))).toEqual(
      [],
    );
  });

  test.each(["npm:d3", "jsr:@std/csv", "https://esm.sh/d3", "observable:runtime"])(
    "refuses an import from %s",
    (from) => {
      expect(checkNotebook(js(`import { d3 } from "${from}";`))[0]).toContain(`imports "${from}"`);
    },
  );

  test("refuses addresses, Markdown with expressions and other kinds of cells", () => {
    expect(checkNotebook(js(`await fetch("https://example.org/data.csv");`))[0]).toContain(
      "https://example.org/data.csv",
    );
    expect(checkNotebook([{ id: 1, mode: "md", value: "${1 + 1}" }])[0]).toContain("Markdown with an expression");
    expect(checkNotebook([{ id: 1, mode: "sql", value: "SELECT 1" }])[0]).toContain("kind sql");
  });
});
