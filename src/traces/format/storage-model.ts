import { helixPaperModel, linearModel, type LinearCost, type StorageCostModel } from "../../core/cost-model.ts";
import { TraceFormatError, UsageError } from "../../core/errors.ts";
import { isObject, parseObject, refuse } from "./fields.ts";

/** How well a fit does on its own samples. */
export interface FitQuality {
  /** Distinct results it was fitted to. */
  readonly samples: number;
  /** 1 − Σ residual² ÷ Σ deviation²; null where all samples took the same time. */
  readonly r2: number | null;
  /** Median of |predicted − measured| ÷ measured over samples that took time; null without such. */
  readonly medianRelativeError: number | null;
}

/** Fitted load and write costs of one engine under one storage profile. */
export interface FittedStorageModel {
  /** `EXECUTOR/PROFILE`. */
  readonly id: string;
  readonly executor: string;
  /** `cold`, `hot`, or what the traces name in `source.storageProfile`. */
  readonly profile: string;
  /** null where nothing was measured: the profile `helix-paper` stands in. */
  readonly load: (LinearCost & FitQuality) | null;
  readonly write: (LinearCost & FitQuality) | null;
}

/** Format name of the file `calibrate --out` writes and `simulate --storage-model` reads. */
export const storageModelFormat = "reuselab.storage-model";

/** The file of a calibration: one JSON document ended by a line break. */
export function formatStorageModels(models: readonly FittedStorageModel[]): string {
  return `${JSON.stringify({ format: storageModelFormat, version: 1, models }, null, 2)}\n`;
}

/**
 * Reads what {@link formatStorageModels} wrote.
 *
 * @param file name for messages
 * @throws {TraceFormatError}
 */
export function parseStorageModels(text: string, file: string): readonly FittedStorageModel[] {
  const at = { file, line: 1 };
  const document = parseObject(text, at, `a calibration, {"format":"${storageModelFormat}","version":1,"models":[…]}`);
  if (document["format"] !== storageModelFormat) refuse(at, "format", document["format"], `"${storageModelFormat}"`);
  if (document["version"] !== 1) refuse(at, "version", document["version"], "1");
  const models = document["models"];
  if (!Array.isArray(models) || models.length === 0) refuse(at, "models", models, "a list that is not empty");
  return models.map((model: unknown, i) => {
    const prefix = `models[${i}]`;
    if (!isObject(model)) refuse(at, prefix, model, 'a model, {"id","executor","profile","load","write"}');
    const text = (key: string): string => {
      const value = model[key];
      return typeof value === "string" ? value : refuse(at, `${prefix}.${key}`, value, "text");
    };
    const cost = (key: string): (LinearCost & FitQuality) | null => {
      const value = model[key];
      if (value === null) return null;
      if (!isObject(value)) refuse(at, `${prefix}.${key}`, value, "coefficients or null");
      const number = (name: string): number => {
        const coefficient = value[name];
        if (typeof coefficient !== "number" || !(coefficient >= 0))
          refuse(at, `${prefix}.${key}.${name}`, coefficient, "a number ≥ 0");
        return coefficient;
      };
      const orNull = (name: string): number | null => (typeof value[name] === "number" ? value[name] : null);
      return {
        baseUs: number("baseUs"),
        usPerByte: number("usPerByte"),
        usPerMemoryByte: number("usPerMemoryByte"),
        samples: orNull("samples") ?? 0,
        r2: orNull("r2"),
        medianRelativeError: orNull("medianRelativeError"),
      };
    };
    return {
      id: text("id"),
      executor: text("executor"),
      profile: text("profile"),
      load: cost("load"),
      write: cost("write"),
    };
  });
}

/** An engine by name, whatever its version: `duckdb 1.5.5-r.5` is `duckdb`. Text without a version stays as it is. */
export function engineOf(executor: string): string {
  const [name = ""] = executor.split(/[\s/@]+v?\d/u, 1);
  return name.trim() === "" ? executor : name.trim();
}

/**
 * The cost model of a calibration that fits an engine and profile.
 *
 * @param wanted what is left out does not matter; among several models that fit, `cold` is preferred
 * @param file name for messages
 * @throws {UsageError} when none fits, or several do
 */
export function chooseStorageModel(
  models: readonly FittedStorageModel[],
  wanted: { readonly executor?: string; readonly profile?: string },
  file: string,
): StorageCostModel {
  const fitting = models.filter(
    ({ executor, profile }) =>
      (wanted.executor === undefined || engineOf(executor) === engineOf(wanted.executor)) &&
      (wanted.profile === undefined || profile === wanted.profile),
  );
  const cold = fitting.filter(({ profile }) => profile === "cold");
  const [model, second] = fitting.length > 1 && cold.length > 0 ? cold : fitting;
  if (model === undefined || second !== undefined)
    throw new UsageError(
      `storage model ${file}: ${model === undefined ? "none" : "more than one"} of its models fits (${models.map(({ id }) => id).join(", ")}); name executor and profile, or calibrate again`,
    );
  return toCostModel(model);
}

/** A fitted model as the loop uses it; a direction that was never measured costs what profile `helix-paper` says. */
export function toCostModel(model: FittedStorageModel): StorageCostModel {
  const none: LinearCost = { baseUs: 0, usPerByte: 0, usPerMemoryByte: 0 };
  const fitted = linearModel(model.id, model.load ?? none, model.write ?? none);
  const load = model.load === null ? helixPaperModel : fitted;
  const write = model.write === null ? helixPaperModel : fitted;
  return {
    id: model.id,
    loadUs: (sizeBytes, memoryBytes) => load.loadUs(sizeBytes, memoryBytes),
    writeUs: (sizeBytes, memoryBytes) => write.writeUs(sizeBytes, memoryBytes),
  };
}

/** Refuses a calibration without any measured time. */
export function refuseUnmeasured(files: readonly string[]): never {
  throw new TraceFormatError(
    { file: files.join(", ") },
    "holds no measured loadUs, loadHotUs or writeUs; record a trace on an engine first",
  );
}
