import type { StorageCostModel } from "../core/cost-model.ts";
import { chooseStorageModel, type FittedStorageModel, parseStorageModels } from "./format/storage-model.ts";
import { readBytes } from "./text-lines.ts";

/** Reads the models of a calibration file. @throws {TraceFormatError} */
export async function readStorageModels(path: string): Promise<readonly FittedStorageModel[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(path)) chunks.push(chunk);
  return parseStorageModels(Buffer.concat(chunks).toString("utf8"), path);
}

/**
 * The cost model of a calibration file for `simulate --storage-model FILE`.
 *
 * @param wanted engine and storage profile (`source.executor` of a trace; `cold`, `hot` …); what is left out does not matter
 * @throws {TraceFormatError} on a bad file
 * @throws {UsageError} when none of its models fits, or several do
 */
export async function readStorageModel(
  path: string,
  wanted: { readonly executor?: string; readonly profile?: string } = {},
): Promise<StorageCostModel> {
  return chooseStorageModel(await readStorageModels(path), wanted, path);
}
