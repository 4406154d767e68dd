/** Models that MLlib fitted: alive on the server, or as files in its own format beside a text of what that does not keep. */
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ExecutorError } from "../../core/errors.ts";
import type { FeatureColumn, FittedLinear, FittedTrees, LearningRequest } from "../relational/learning-steps.ts";
import { decodeModel, encodeModel } from "../relational/model-file.ts";
import type { ModelPayload, ModelRecord, Payload } from "../relational/shape.ts";
import type { ResultPart } from "../store/result-store.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import { loadModel, saveModel } from "./mllib.ts";
import { fitLogistic, linearOf } from "./mllib-logistic.ts";
import { fitTrees, scoredByTrees } from "./mllib-trees.ts";
import type { RelationInit } from "./relations.ts";

type Asked<K extends LearningRequest["kind"]> = Extract<LearningRequest, { kind: K }>;

/** MLlib's classes of fitted models. */
const modelClasses: Readonly<Record<string, string>> = {
  "logistic-regression": "classification.LogisticRegressionModel",
  "random-forest": "regression.RandomForestRegressionModel",
  "gradient-boosting": "classification.GBTClassificationModel",
};

/** A model that lives on the server. */
interface LiveModel {
  /** Its name in the session's cache of models. */
  readonly id: string;
  readonly features: readonly FeatureColumn[];
}

/** What MLlib's format has no place for. */
interface ModelFacts {
  readonly kind: "mllib";
  /** The model's record, but for what is read from the loaded model. */
  readonly model: ModelRecord;
  /** The features behind its vector. */
  readonly features: readonly FeatureColumn[];
  /** Files of MLlib's folder, in the order of the parts. */
  readonly files: readonly string[];
}

/** Fits and applies the models of a session, and moves them to files and back. */
export class SparkModels {
  readonly #session: SparkSession;
  /** By {@link identityOf}. */
  readonly #live = new WeakMap<object, LiveModel>();

  constructor(session: SparkSession) {
    this.#session = session;
  }

  /** Fits a model, which is on the server until the session ends. */
  async fit(
    step: Asked<"fit-logistic"> | Asked<"fit-trees">,
    options: SparkCallOptions,
  ): Promise<FittedLinear | FittedTrees> {
    const { features } = step;
    if (step.kind === "fit-trees") {
      const { fitted, id } = await fitTrees(this.#session, step, options);
      this.#live.set(fitted.importance, { id, features });
      return fitted;
    }
    const { fitted, id } = await fitLogistic(this.#session, step, options);
    this.#live.set(fitted.weights, { id, features });
    return fitted;
  }

  /** The rows that a step asks for. @throws {ExecutorError} if the model is of another session */
  scored(step: Asked<"score-trees">): RelationInit {
    return scoredByTrees(this.#alive(step.model).id, step);
  }

  /** True for a model that MLlib has. */
  knows(payload: Payload): payload is ModelPayload {
    return payload.kind === "model" && this.#find(payload.model) !== undefined;
  }

  /** Saves a model into the folder `to`, which is overwritten; @returns its files as parts of a result */
  async write({ model }: ModelPayload, to: string, options: SparkCallOptions): Promise<readonly ResultPart[]> {
    const { id, features } = this.#alive(model);
    await saveModel(this.#session, id, to, options);
    const files = await modelFilesIn(to);
    const { intercept: _, weights: __, ...kept } = model;
    const facts: ModelFacts = { kind: "mllib", model: kept, features, files };
    return [
      { name: "data", write: (path) => writeFile(path, encodeModel(facts)) },
      ...files.map((file, i): ResultPart => ({ name: `mllib-${i}`, write: (path) => rename(join(to, file), path) })),
    ];
  }

  /** Reverse of it, through the folder `at`, which is made and removed; undefined for files of another kind. */
  async read(
    text: string,
    paths: readonly string[],
    at: string,
    options: SparkCallOptions,
  ): Promise<ModelPayload | undefined> {
    const facts = decodeModel(text) as ModelFacts | { readonly kind: string };
    if (!isModelFacts(facts)) return undefined;
    const { features, files } = facts;
    const modelClass = modelClasses[facts.model.model];
    if (modelClass === undefined)
      throw new ExecutorError(`spark: a stored model is a "${facts.model.model}", which MLlib cannot load`);
    try {
      for (const [i, file] of files.entries()) {
        await mkdir(dirname(join(at, file)), { recursive: true });
        await copyFile(paths[i] ?? "", join(at, file));
      }
      const id = await loadModel(this.#session, modelClass, at, options);
      const isLinear = facts.model.model === "logistic-regression";
      const learned = isLinear ? await linearOf(this.#session, id, features, options) : {};
      const model: ModelRecord = { ...facts.model, ...learned };
      const identity = identityOf(model);
      if (identity !== undefined) this.#live.set(identity, { id, features });
      return { kind: "model", model };
    } finally {
      await rm(at, { recursive: true, force: true });
    }
  }

  #alive(model: ModelRecord): LiveModel {
    const found = this.#find(model);
    if (found === undefined) throw new ExecutorError(`spark: a ${model.model} is asked for that is not on the server`);
    return found;
  }

  #find(model: ModelRecord): LiveModel | undefined {
    const identity = identityOf(model);
    return identity === undefined ? undefined : this.#live.get(identity);
  }
}

/** What every copy of a model's record shares: the weights of a linear one, the importance of features under trees. */
function identityOf(model: ModelRecord): object | undefined {
  const shared = model["weights"] ?? model["importance"];
  return typeof shared === "object" && shared !== null ? shared : undefined;
}

function isModelFacts(facts: ModelFacts | { readonly kind: string }): facts is ModelFacts {
  return facts.kind === "mllib";
}

/** Files below MLlib's folder that hold something; checksums and success marks are made anew by nobody. */
async function modelFilesIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of (await readdir(folder, { recursive: true })).toSorted())
    if (/(?:^|\/)part-[^/]*$/u.test(name)) files.push(name);
  if (files.length === 0)
    throw new ExecutorError(
      `spark: saved a model but no file is seen under ${folder}; the store must lie in a folder that the server and this process share`,
    );
  return files;
}
