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
  type FolderPlan,
  readManifest,
  readText,
  sha256OfBytes,
  type StoredFile,
  writeFolder,
} from "./folder.ts";
import { homeCreditDataset } from "./home-credit.ts";
import { ieDataset } from "./ie.ts";

/** Every data set by id. */
export const datasets: Readonly<Record<string, Dataset>> = {
  census: censusDataset,
  ie: ieDataset,
  "home-credit": homeCreditDataset,
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
  /** Where generated and scaled copies are kept; default {@link cacheFolder} of the process. */
  readonly cacheDir?: string;
  /** Folder to make the copy in, instead of one in the cache; it is always made anew. */
  readonly into?: string;
  readonly signal?: AbortSignal;
  /** Called with bytes written so far while a copy is made. */
  readonly onProgress?: (bytes: number) => void;
}

/** A workload's data on disk, and what they are. */
export interface PreparedData extends WorkloadData {
  readonly dataset: string;
  /** Hash of the content of all files. */
  readonly fingerprint: string;
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
  return copied(
    dataset,
    `${dataset.id}-generated-v${dataset.generatorVersion}-seed${seed}-scale${scale}`,
    options,
    () => ({
      title: `${dataset.id}, generated (version ${dataset.generatorVersion}), seed ${seed}, scale ${scale}`,
      rows: dataset.rowsAt(scale),
      contents: dataset.generate({ scale, seed }),
    }),
  );
}

/** A copy in a folder of the cache, made unless it is there, or in a folder of the user's. */
async function copied(
  dataset: Dataset,
  name: string,
  options: PrepareOptions,
  make: () => Pick<FolderPlan, "title" | "rows" | "contents">,
): Promise<PreparedData> {
  const { into, cacheDir = cacheFolder(process.env), signal } = options;
  const folder = into === undefined ? join(cacheDir, name) : resolve(into);
  const known = into === undefined ? await readManifest(folder) : undefined;
  const manifest =
    known ??
    (await writeFolder(folder, {
      ...make(),
      dataset: dataset.id,
      files: dataset.files,
      isShared: into === undefined,
      signal,
      onBytes: counter(options),
    }));
  return prepared(dataset, folder, manifest);
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
  if (scale === 1 && options.into === undefined) return prepared(dataset, dataDir, manifest);

  const suffix = arm === defaultArm ? arm : `${arm}-seed${seed}`;
  const name = `${dataset.id}-${original.slice(0, 16)}-${suffix}-scale${scale}`;
  return copied(dataset, name, options, () => {
    const contents = checked.map((file) => Object.assign({ name: file.name }, derive(file, { scale, seed })));
    return {
      title: `${title}, ${arm === defaultArm ? arm : `${arm} (seed ${seed})`}, scale ${scale}`,
      rows: contents.reduce((sum, content) => sum + content.rows, 0),
      contents,
    };
  });
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
  const sourceOf = new Map(dataset.files.map(({ name, source }) => [name, source]));
  const filesOf = new Map<string, StoredFile[]>();
  for (const file of manifest.files) {
    const source = sourceOf.get(file.name) ?? dataset.id;
    filesOf.set(source, [...(filesOf.get(source) ?? []), file]);
  }
  const sources = [...filesOf].map(([name, stored]): readonly [string, SourceOp] => {
    const files = stored.map((file): SourceFile => ({ path: join(folder, file.name), split: file.split }));
    return [name, { op: "source", dataset: dataset.id, fingerprint: fingerprintOf(stored), files }];
  });
  return {
    sources: Object.fromEntries(sources),
    fingerprint: fingerprintOf(manifest.files),
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
