/** Models that MLlib fitted, as files: its own format, beside a text of what that format does not keep. */
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ExecutorError } from "../../core/errors.ts";
import type { LogisticModel } from "../learners/logistic.ts";
import { decodeModel, encodeModel } from "../relational/model-file.ts";
import type { ModelPayload, Payload } from "../relational/shape.ts";
import type { LinearFeature } from "../relational/steps.ts";
import type { ResultPart } from "../store/result-store.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import { MlOperator_OperatorType } from "./generated/ml_common_pb.ts";
import { coefficientsOf, operatorIdOf, weightsOf } from "./mllib.ts";

const modelClass = "org.apache.spark.ml.classification.LogisticRegressionModel";

/** A model that lives on the server. */
interface LiveModel {
  /** Its name in the session's cache of models. */
  readonly id: string;
  readonly features: readonly LinearFeature[];
}

/** What MLlib's format has no place for: the features behind the coefficients, and how the fit ended. */
interface ModelFacts {
  readonly kind: "mllib";
  readonly features: readonly LinearFeature[];
  readonly iterations: number;
  readonly objective: number;
  /** Files of MLlib's folder, in the order of the parts. */
  readonly files: readonly string[];
}

/** Keeps which models of a session MLlib knows, and moves them to files and back. */
export class ModelFiles {
  readonly #session: SparkSession;
  /** By the weights of a model, which every copy of its record shares. */
  readonly #live = new WeakMap<object, LiveModel>();

  constructor(session: SparkSession) {
    this.#session = session;
  }

  /** A model with these weights is on the server, until the session ends. */
  keep(weights: LogisticModel["weights"], model: LiveModel): void {
    this.#live.set(weights, model);
  }

  /** True for a model that MLlib has. */
  knows(payload: Payload): payload is ModelPayload & { readonly model: LogisticModel } {
    return payload.kind === "model" && this.#find(payload) !== undefined;
  }

  /** Saves a model into the folder `to`, which must not exist yet; @returns its files as parts of a result */
  async write(
    payload: ModelPayload & { readonly model: LogisticModel },
    to: string,
    options: SparkCallOptions,
  ): Promise<readonly ResultPart[]> {
    const found = this.#find(payload);
    if (found === undefined) throw new ExecutorError("spark: a model to be saved is not on the server");
    const { id, features } = found;
    await this.#session.ml(
      {
        command: { case: "write", value: { type: { case: "objRef", value: { id } }, path: to, shouldOverwrite: true } },
      },
      { what: "save model", ...options },
    );
    const files = await modelFilesIn(to);
    const { iterations, objective } = payload.model;
    const facts: ModelFacts = { kind: "mllib", features, iterations, objective, files };
    return [
      { name: "data", write: (path) => writeFile(path, encodeModel(facts)) },
      ...files.map((file, i): ResultPart => ({ name: `mllib-${i}`, write: (path) => rename(join(to, file), path) })),
    ];
  }

  /** Reverse of it, through the folder `at`, which is made and removed. @throws {ExecutorError} for files of another kind */
  async read(
    text: string,
    paths: readonly string[],
    at: string,
    options: SparkCallOptions,
  ): Promise<ModelPayload | undefined> {
    const facts = decodeModel(text) as Partial<ModelFacts>;
    if (facts.kind !== "mllib") return undefined;
    const { files = [], features = [], iterations = 0, objective = Number.NaN } = facts;
    try {
      for (const [i, file] of files.entries()) {
        await mkdir(dirname(join(at, file)), { recursive: true });
        await copyFile(paths[i] ?? "", join(at, file));
      }
      const operator = { name: modelClass, uid: "model", type: MlOperator_OperatorType.MODEL };
      const loaded = await this.#session.ml(
        { command: { case: "read", value: { operator, path: at } } },
        { what: "load model", ...options },
      );
      const id = operatorIdOf(loaded, "loading a model");
      const { intercept, coefficients } = await coefficientsOf(this.#session, id, options);
      const weights = weightsOf(features, coefficients);
      this.keep(weights, { id, features });
      const model: LogisticModel = { model: "logistic-regression", intercept, weights, iterations, objective };
      return { kind: "model", model };
    } finally {
      await rm(at, { recursive: true, force: true });
    }
  }

  #find({ model }: ModelPayload): LiveModel | undefined {
    const weights = model["weights"];
    return typeof weights === "object" && weights !== null ? this.#live.get(weights) : undefined;
  }
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
