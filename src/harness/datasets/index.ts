/** The registry of data sets, and how a workload's data get on disk. A new data set is one line here. */
import { join, resolve } from "node:path";
import { DataFormatError, UsageError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { SourceFile, SourceOp } from "../../core/operators.ts";
import type { WorkloadData } from "../../core/workload.ts";
import { censusDataset } from "./census.ts";
import type { CheckedFile, Dataset } from "./dataset.ts";
import {
  cacheFolder,
  fingerprintOf,
  type FolderManifest,
  readManifest,
  readText,
  sha256OfBytes,
  type StoredFile,
  writeFolder,
} from "./folder.ts";

/** Every data set by id. */
export const datasets: Readonly<Record<string, Dataset>> = {
  census: censusDataset,
};

/** Looks a data set up. @throws {UsageError} naming the nearest ids */
export function datasetById(id: string): Dataset {
  const dataset = Object.hasOwn(datasets, id) ? datasets[id] : undefined;
  if (dataset === undefined)
    throw new UsageError(
      `data set "${id}": is not known; expected one of ${nearest(id, Object.keys(datasets)).join(", ")}`,
    );
  return dataset;
}

/** How to prepare a data set. */
export interface PrepareOptions {
  /** Times the original's rows; default 1. */
  readonly scale?: number;
  /** Of the generator, or of the arm `jitter`; default 1. */
  readonly seed?: number;
  /** Folder with real files; without it, the data are generated. */
  readonly dataDir?: string;
  /** How real files are scaled; default the data set's first arm. */
  readonly arm?: string;
  /** Where generated and scaled copies go; default {@link cacheFolder} of the process. */
  readonly cacheDir?: string;
  readonly signal?: AbortSignal;
  /** Called with bytes written so far while a copy is made. */
  readonly onProgress?: (bytes: number) => void;
}

/** A workload's data on disk, and what they are. */
export interface PreparedData extends WorkloadData {
  readonly dataset: string;
  /** For people and trace headers, for example `census, generated, seed 1, scale 10`; without paths. */
  readonly title: string;
  /** Rows, all splits together. */
  readonly rows: number;
  readonly bytes: number;
  /** Folder the files are in. */
  readonly folder: string;
}

/**
 * Puts a workload's data on disk: generated into the cache folder, or real files as they are, or a scaled copy of these in the
 * cache folder. A copy made before is used again.
 *
 * @throws {UsageError} for an unknown data set or arm, or a scale that is no positive number
 * @throws {DataFormatError} when a real file is missing or malformed
 */
export async function prepareDataset(id: string, options: PrepareOptions = {}): Promise<PreparedData> {
  const dataset = datasetById(id);
  const { scale = 1, seed = 1, dataDir } = options;
  checkScale(scale);
  if (dataDir === undefined && options.arm !== undefined)
    throw new UsageError(
      `data set "${id}": arm "${options.arm}" scales real files, but none are given; name their folder, or leave the arm out`,
    );
  return dataDir === undefined
    ? generated(dataset, scale, seed, options)
    : realFiles(dataset, resolve(dataDir), scale, seed, options);
}

/** Generates a data set into a folder of its own, for `reuselab data generate`. @throws as {@link prepareDataset} */
export async function generateInto(
  id: string,
  folder: string,
  options: Pick<PrepareOptions, "scale" | "seed" | "signal" | "onProgress"> = {},
): Promise<PreparedData> {
  const dataset = datasetById(id);
  const { scale = 1, seed = 1 } = options;
  checkScale(scale);
  return prepared(dataset, resolve(folder), await writeGenerated(dataset, resolve(folder), scale, seed, options));
}

function checkScale(scale: number): void {
  if (!(Number.isFinite(scale) && scale > 0 && scale <= 10_000))
    throw new UsageError(`scale ${scale}: is not usable; expected a number above 0 and at most 10000`);
}

async function generated(
  dataset: Dataset,
  scale: number,
  seed: number,
  options: PrepareOptions,
): Promise<PreparedData> {
  const name = `${dataset.id}-generated-v${dataset.generatorVersion}-seed${seed}-scale${scale}`;
  const folder = join(options.cacheDir ?? cacheFolder(process.env), name);
  const manifest = (await readManifest(folder)) ?? (await writeGenerated(dataset, folder, scale, seed, options, true));
  return prepared(dataset, folder, manifest);
}

async function writeGenerated(
  dataset: Dataset,
  folder: string,
  scale: number,
  seed: number,
  options: PrepareOptions,
  isShared = false,
): Promise<FolderManifest> {
  return writeFolder(folder, {
    ...(isShared ? { isShared } : {}),
    dataset: dataset.id,
    title: `${dataset.id}, generated (version ${dataset.generatorVersion}), seed ${seed}, scale ${scale}`,
    rows: dataset.rowsAt(scale),
    files: dataset.files,
    contents: dataset.generate({ scale, seed }),
    signal: options.signal,
    onBytes: counter(options),
  });
}

async function realFiles(
  dataset: Dataset,
  dataDir: string,
  scale: number,
  seed: number,
  options: PrepareOptions,
): Promise<PreparedData> {
  const [defaultArm = "replicate"] = Object.keys(dataset.arms);
  const arm = options.arm ?? defaultArm;
  const derive = Object.hasOwn(dataset.arms, arm) ? dataset.arms[arm] : undefined;
  if (derive === undefined)
    throw new UsageError(
      `data set "${dataset.id}": has no arm "${arm}"; expected one of ${Object.keys(dataset.arms).join(", ")}`,
    );
  const checked: (CheckedFile & StoredFile)[] = [];
  for (const file of dataset.files) checked.push(await checkedFile(dataset, dataDir, file));
  const files = checked.map(({ name, split, bytes, sha256 }): StoredFile => ({ name, split, bytes, sha256 }));
  const rows = checked.reduce((sum, file) => sum + file.rows, 0);
  const original = fingerprintOf(files);
  const title = `${dataset.id}, ${isOriginal(dataset, files) ? (dataset.remote?.title ?? "original") : "files of the user"}`;
  const manifest = { format: "reuselab.dataset", version: 1, dataset: dataset.id, title, rows, files } as const;
  if (scale === 1) return prepared(dataset, dataDir, manifest);

  const suffix = arm === defaultArm ? arm : `${arm}-seed${seed}`;
  const name = `${dataset.id}-${original.slice(0, 16)}-${suffix}-scale${scale}`;
  const folder = join(options.cacheDir ?? cacheFolder(process.env), name);
  const known = await readManifest(folder);
  if (known !== undefined) return prepared(dataset, folder, known);
  const contents = checked.map((file) => ({ name: file.name, ...derive(file, { scale, seed }) }));
  return prepared(
    dataset,
    folder,
    await writeFolder(folder, {
      dataset: dataset.id,
      title: `${title}, ${arm === defaultArm ? arm : `${arm} (seed ${seed})`}, scale ${scale}`,
      rows: contents.reduce((sum, content) => sum + content.rows, 0),
      files: dataset.files,
      contents,
      isShared: true,
      signal: options.signal,
      onBytes: counter(options),
    }),
  );
}

function isOriginal(dataset: Dataset, files: readonly StoredFile[]): boolean {
  const remote = dataset.remote?.files ?? [];
  return remote.length > 0 && files.every((file) => remote.some(({ sha256 }) => sha256 === file.sha256));
}

async function checkedFile(
  dataset: Dataset,
  dataDir: string,
  { name, split }: Dataset["files"][number],
): Promise<CheckedFile & StoredFile> {
  const path = join(dataDir, name);
  const read = await readText(path).catch((cause: unknown) => {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause;
    const error = new DataFormatError(
      { file: path },
      `is not there; expected the files ${dataset.files.map((file) => file.name).join(", ")} of data set ${dataset.id} in that folder`,
    );
    error.cause = cause;
    throw error;
  });
  const { rows } = dataset.check(path, read.text);
  return { name, split, text: read.text, rows, bytes: read.bytes.byteLength, sha256: sha256OfBytes(read.bytes) };
}

function prepared(dataset: Dataset, folder: string, manifest: FolderManifest): PreparedData {
  const files = manifest.files.map(({ name, split }): SourceFile => ({ path: join(folder, name), split }));
  const source: SourceOp = { op: "source", dataset: dataset.id, fingerprint: fingerprintOf(manifest.files), files };
  return {
    sources: { [dataset.id]: source },
    dataset: dataset.id,
    title: manifest.title,
    rows: manifest.rows,
    bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    folder,
  };
}

function counter({ onProgress }: PrepareOptions): ((bytes: number) => void) | undefined {
  if (onProgress === undefined) return undefined;
  let written = 0;
  return (bytes) => onProgress((written += bytes));
}
