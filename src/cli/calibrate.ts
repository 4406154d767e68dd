import { UsageError } from "../core/errors.ts";
import { calibrate } from "../traces/calibrate.ts";
import { formatStorageModels } from "../traces/format/storage-model.ts";
import { writeFileAtomically } from "../traces/write.ts";
import type { Command } from "./command.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";

const columns = [
  "model",
  "direction",
  "samples",
  "baseUs",
  "usPerByte",
  "usPerMemoryByte",
  "r2",
  "medianRelativeError",
];

/** `reuselab calibrate TRACE…`: fits load and write costs per engine and storage profile. */
export const command: Command = {
  name: "calibrate",
  summary: "fit load and write costs to recorded traces",
  arguments: "<trace...>",
  options: [{ flags: "--out <file>", description: "write the models there, for: reuselab simulate --storage-model" }],
  async run({ values, positionals }, effects) {
    if (positionals.length === 0) throw new UsageError("calibrate: no trace given; expected one or more trace files");
    const models = await calibrate(positionals);
    const { out, format } = values;
    if (typeof out === "string") {
      await writeFileAtomically(out, formatStorageModels(models));
      if (values["quiet"] !== true) effects.stderr(`wrote ${out}\n`);
    }
    if (format === "json") {
      effects.stdout(formatStorageModels(models));
      return 0;
    }
    const rows = models.flatMap(({ id, load, write }): CellRecord[] => [
      { model: id, direction: "load", ...(load ?? { samples: 0 }) },
      { model: id, direction: "write", ...(write ?? { samples: 0 }) },
    ]);
    effects.stdout(renderRecords(rows, columns, format));
    return 0;
  },
};
