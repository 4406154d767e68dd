import { DataFormatError } from "../../core/errors.ts";
import { type Rng, rngStream } from "../../core/rng.ts";
import { adultColumns } from "../../workloads/census/columns.ts";
import { adultRows, censusChunks, censusGeneratorVersion } from "../../workloads/census/generator.ts";
import type { CheckedFile, Dataset, ScaledFile } from "./dataset.ts";
import { linesOf, scaledCount, scaledLines } from "./scaling.ts";

const rowsOf = (split: "train" | "test", scale: number): number => Math.max(1, Math.round(adultRows[split] * scale));

/** Adult (Census income): generated with the schema and dependences of the original, or the UCI files themselves. */
export const censusDataset: Dataset = {
  id: "census",
  title: "Adult (Census income), 15 columns",
  files: [
    { name: "adult.data", split: "train" },
    { name: "adult.test", split: "test" },
  ],
  generatorVersion: censusGeneratorVersion,
  rowsAt: (scale) => rowsOf("train", scale) + rowsOf("test", scale),
  generate: ({ scale, seed }) => [
    { name: "adult.data", chunks: censusChunks({ split: "train", rows: rowsOf("train", scale), seed }) },
    { name: "adult.test", chunks: censusChunks({ split: "test", rows: rowsOf("test", scale), seed }) },
  ],
  check: checkAdult,
  arms: {
    replicate({ text }, { scale }) {
      const lines = dataLines(text);
      return { rows: scaledCount(lines.length, scale), chunks: scaledLines(lines, scale) };
    },
    jitter: (file, { scale, seed }) => jittered(file, scale, seed),
  },
  remote: {
    title: 'UCI Machine Learning Repository, "Adult"',
    licence: "CC BY 4.0",
    baseUrl: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/",
    baseUrlVariable: "REUSELAB_UCI_URL",
    files: [
      {
        name: "adult.data",
        sha256: "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
        bytes: 3_974_305,
      },
      {
        name: "adult.test",
        sha256: "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
        bytes: 2_003_153,
      },
    ],
  },
};

function isData(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("|");
}

function dataLines(text: string): string[] {
  return linesOf(text).filter(isData);
}

function checkAdult(file: string, text: string): { readonly rows: number } {
  let rows = 0;
  for (const [i, line] of linesOf(text).entries()) {
    if (!isData(line)) continue;
    rows += 1;
    checkRow(file, i + 1, line.split(","));
  }
  if (rows === 0)
    throw new DataFormatError({ file }, "has no rows; expected comma-separated lines of 15 fields, as in UCI Adult");
  return { rows };
}

function checkRow(file: string, line: number, cells: readonly string[]): void {
  if (cells.length !== adultColumns.length)
    throw new DataFormatError(
      { file, line },
      `has ${cells.length} fields; expected ${adultColumns.length}, separated by commas (${adultColumns.map(({ name }) => name).join(", ")})`,
    );
  for (const [i, { name, type }] of adultColumns.entries()) {
    const cell = (cells[i] ?? "").trim();
    if (name === "income" ? !/^[<>]=?50K\.?$/u.test(cell) : type === "integer" && !/^(?:\?|-?\d{1,15})?$/u.test(cell)) {
      const expected = name === "income" ? "<=50K or >50K (a full stop may follow)" : "an integer, ? or nothing";
      throw new DataFormatError({ file, line, field: name }, `is ${JSON.stringify(cell)}; expected ${expected}`);
    }
  }
}

/**
 * Copies whose numbers differ a little, so that dictionaries and compression meet as many distinct values as fresh data would
 * bring. Copy 0 is the original.
 */
function jittered({ text, split }: CheckedFile, scale: number, seed: number): ScaledFile {
  const rng = rngStream(seed, `census/jitter/${split}`);
  const lines = dataLines(text);
  return {
    rows: scaledCount(lines.length, scale),
    chunks: scaledLines(lines, scale, (line, copy) => (copy === 0 ? line : jitterRow(line, rng))),
  };
}

function jitterRow(line: string, rng: Rng): string {
  const cells = line.split(",").map((cell) => cell.trim());
  const change = (column: number, next: (value: number) => number): void => {
    const value = Number(cells[column]);
    if (cells[column] !== "" && Number.isInteger(value)) cells[column] = String(next(value));
  };
  const around = (low: number, high: number) => (value: number) =>
    Math.min(high, Math.max(low, value + Math.floor(rng() * 5) - 2));
  const share = (value: number): number => Math.round(value * (0.95 + 0.1 * rng()));
  change(0, around(17, 90));
  change(2, share);
  change(10, share);
  change(11, share);
  change(12, around(1, 99));
  return cells.join(", ");
}
