import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { downloadDataset } from "../harness/datasets/download.ts";
import { datasetById, datasets, prepareDataset } from "../harness/datasets/index.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";

type Action = (id: string | undefined, values: OptionValues, effects: Effects) => Promise<string>;

/** `reuselab data list|generate|fetch|check`: data sets on disk. */
export const command: Command = {
  name: "data",
  summary: "fetch or generate data sets",
  arguments: "<action> [dataset]",
  options: [
    { flags: "--scale <n>", description: "times the rows of the original, for example 10 or 0.01 (default 1)" },
    { flags: "--seed <n>", description: "seed of the generator, or of the arm jitter (default 1)" },
    { flags: "--data <dir>", description: "real files to check, or to scale instead of generating" },
    { flags: "--arm <id>", description: "how real files are scaled: see data list" },
    { flags: "--out <dir>", description: "where the files go (default: a folder of the cache)" },
    { flags: "--base-url <url>", description: "address to fetch from instead of the original's" },
  ],
  async run({ values, positionals }, effects) {
    const [name = "", id] = positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined)
      throw new UsageError(`data "${name}": is no action; expected ${nearest(name, Object.keys(actions)).join(", ")}`);
    effects.stdout(await action(id, values, effects));
    return 0;
  },
};

const actions: Readonly<Record<string, Action>> = { list: listAll, generate, fetch: download, check };

async function listAll(_id: string | undefined, values: OptionValues): Promise<string> {
  const rows = Object.values(datasets).map(({ id, title, files, arms, remote, ...dataset }) => ({
    id,
    title,
    files: files.map((file) => file.name).join(" "),
    generatedRows: dataset.rowsAt(1),
    arms: Object.keys(arms).join(" "),
    original: remote === undefined ? null : `${remote.title} (${remote.licence})`,
  }));
  return renderRecords(rows, ["id", "title", "files", "generatedRows", "arms", "original"], values["format"]);
}

async function generate(id: string | undefined, values: OptionValues, effects: Effects): Promise<string> {
  const dataset = datasetById(id ?? "");
  const scale = scaleOption(values);
  const seed = seedOption(values);
  const progress = openProgress(
    effects,
    values,
    `generating ${dataset.id} (MB)`,
    expectedMegabytes(dataset.rowsAt(scale)),
  );
  const data = await prepareDataset(dataset.id, {
    scale,
    seed,
    signal: effects.signal,
    onProgress: (bytes) => progress.update(Math.floor(bytes / 1e6)),
    ...textOptions(values, { data: "dataDir", arm: "arm", out: "into" }),
  }).finally(() => progress.stop());
  return renderPrepared(data, values);
}

async function check(id: string | undefined, values: OptionValues): Promise<string> {
  const dataset = datasetById(id ?? "");
  if (typeof values["data"] !== "string")
    throw new UsageError(`data check ${dataset.id}: --data is missing; expected the folder of the files to check`);
  return renderPrepared(await prepareDataset(dataset.id, { dataDir: values["data"] }), values);
}

async function download(id: string | undefined, values: OptionValues, effects: Effects): Promise<string> {
  const dataset = datasetById(id ?? "");
  const totalBytes = (dataset.remote?.files ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = openProgress(effects, values, `fetching ${dataset.id} (kB)`, Math.ceil(totalBytes / 1e3));
  const { folder, files } = await downloadDataset(dataset.id, {
    env: effects.env,
    signal: effects.signal,
    onProgress: (bytes, _total, file) => progress.update(Math.floor(bytes / 1e3), file),
    ...textOptions(values, { out: "folder", baseUrl: "baseUrl" }),
  }).finally(() => progress.stop());
  const rows = files.map((file): CellRecord => ({
    dataset: dataset.id,
    file: file.name,
    bytes: file.bytes,
    was: file.was,
    folder,
  }));
  return renderRecords(rows, ["dataset", "file", "bytes", "was", "folder"], values["format"]);
}

function renderPrepared(data: Awaited<ReturnType<typeof prepareDataset>>, values: OptionValues): string {
  const { dataset, title, rows, bytes, folder, fingerprint } = data;
  return renderRecords(
    [{ dataset, rows, bytes, fingerprint, title, folder }],
    ["dataset", "rows", "bytes", "fingerprint", "title", "folder"],
    values["format"],
  );
}

/** Text options that were given, under the names the called function has for them. */
function textOptions(values: OptionValues, names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([option, name]) => {
      const value = values[option];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}

function scaleOption(values: OptionValues): number {
  const text = values["scale"];
  if (typeof text !== "string") return 1;
  if (!/^\d+(?:\.\d+)?x?$/u.test(text))
    throw new UsageError(`--scale "${text}": expected a positive number such as 10 or 0.01, times the original's rows`);
  return Number(text.replace("x", ""));
}

function seedOption(values: OptionValues): number {
  const text = values["seed"];
  if (typeof text !== "string") return 1;
  if (!/^\d{1,15}$/u.test(text)) throw new UsageError(`--seed "${text}": expected an integer from 0 on`);
  return Number(text);
}

/** Roughly, for the progress bar. */
function expectedMegabytes(rows: number): number {
  return Math.max(1, Math.ceil((rows * 122) / 1e6));
}
