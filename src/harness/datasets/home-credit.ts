import { DataFormatError, UsageError } from "../../core/errors.ts";
import {
  homeCreditChunks,
  homeCreditClients,
  homeCreditGeneratorVersion,
  type HomeCreditPart,
} from "../../workloads/kaggle/generator.ts";
import { type HomeCreditTable, homeCreditColumns } from "../../workloads/kaggle/tables.ts";
import type { Dataset, DatasetFile } from "./dataset.ts";
import { linesOf } from "./scaling.ts";

type Part = Pick<HomeCreditPart, "table" | "split"> & { readonly file: DatasetFile };

const applicationPart = (split: "train" | "test"): Part => ({
  table: "application",
  split,
  file: { name: `application_${split}.csv`, split, source: "application" },
});

const parts: readonly Part[] = [
  applicationPart("train"),
  applicationPart("test"),
  ...(Object.keys(homeCreditColumns) as HomeCreditTable[])
    .filter((table) => table !== "application")
    .map((table): Part => ({ table, file: { name: `${table}.csv`, split: "all", source: table } })),
];

const clientsAt = (scale: number): number => Math.max(22, Math.round(homeCreditClients * scale));

/**
 * Home Credit Default Risk: seven tables of a bank, one source each; the label is in the applications of both splits. Rows are
 * applications. Original files serve if headers are cut off and the test part has a label.
 */
export const homeCreditDataset: Dataset = {
  id: "home-credit",
  title: "Home Credit Default Risk: seven tables of a bank and its clients, generated",
  files: parts.map(({ file }) => file),
  generatorVersion: homeCreditGeneratorVersion,
  warmUpScale: 0.002,
  rowsAt: clientsAt,
  generate: ({ scale, seed }) =>
    parts.map(({ table, split, file }) => ({
      name: file.name,
      chunks: homeCreditChunks({ table, seed, clients: clientsAt(scale), ...(split === undefined ? {} : { split }) }),
    })),
  check: checkTable,
  arms: {
    whole({ name, text, rows }, { scale }) {
      if (scale !== 1)
        throw new UsageError(
          `data set "home-credit": ${name} cannot be scaled by ${scale}, as keys tie it to other tables; generate data of that scale instead`,
        );
      return { rows, chunks: [text] };
    },
  },
};

function checkTable(file: string, text: string): { readonly rows: number } {
  const part = parts.find((known) => file.endsWith(known.file.name));
  if (part === undefined)
    throw new DataFormatError(
      { file },
      `is no table of home-credit; expected ${parts.map((p) => p.file.name).join(", ")}`,
    );
  const columns = homeCreditColumns[part.table];
  const lines = linesOf(text);
  if (lines.length === 0)
    throw new DataFormatError({ file }, `has no rows; expected lines of ${columns.length} fields`);
  for (const [i, line] of lines.entries()) {
    const cells = line.split(",");
    if (cells[0]?.startsWith("SK_ID") === true)
      throw new DataFormatError({ file, line: i + 1 }, "is a header; expected rows only; cut the header off");
    if (cells.length !== columns.length)
      throw new DataFormatError(
        { file, line: i + 1 },
        `has ${cells.length} fields; expected ${columns.length}, separated by commas (${columns.map(({ name }) => name).join(", ")})`,
      );
    for (const [c, { name, type }] of columns.entries()) {
      const cell = cells[c] ?? "";
      const isTarget = name === "TARGET";
      const fits = isTarget
        ? /^[01]$/u
        : type === "integer"
          ? /^(?:-?\d{1,15})?$/u
          : /^(?:-?\d+(?:\.\d+)?(?:e-?\d+)?)?$/u;
      if (type === "text" || fits.test(cell)) continue;
      const expected = isTarget ? "0 or 1" : type === "integer" ? "an integer or nothing" : "a number or nothing";
      throw new DataFormatError({ file, line: i + 1, field: name }, `is ${JSON.stringify(cell)}; expected ${expected}`);
    }
  }
  return { rows: part.table === "application" ? lines.length : 0 };
}
