/** What a run asks of a Spark session, written down and asked again without the harness. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Table } from "apache-arrow";
import type { SparkAddress } from "../../src/executors/spark/address.ts";
import { SparkSession } from "../../src/executors/spark/client.ts";
import type { Executed } from "../../src/executors/spark/gathered.ts";
import type { MlCommandResult } from "../../src/executors/spark/generated/ml_pb.ts";
import { countingRows, type RelationInit } from "../../src/executors/spark/relations.ts";

type MlCommand = Parameters<SparkSession["ml"]>[0];
type Name = "collect" | "run" | "createView" | "writeParquet" | "checkpoint" | "release" | "ml" | "configure";

/** One request: the method, its arguments without the options, and the id the server gave to what it made. */
export interface Request {
  readonly name: Name;
  readonly values: readonly unknown[];
  readonly made?: string;
}

/** A session that writes its requests down. */
export class RecordingSession extends SparkSession {
  readonly #requests: Request[];

  constructor(address: SparkAddress, requests: Request[]) {
    super(address);
    this.#requests = requests;
  }

  override collect(relation: RelationInit): Promise<Table> {
    this.#requests.push({ name: "collect", values: [relation] });
    return super.collect(relation);
  }

  override run(query: string): Promise<void> {
    this.#requests.push({ name: "run", values: [query] });
    return super.run(query);
  }

  override configure(pairs: Readonly<Record<string, string>>): Promise<void> {
    this.#requests.push({ name: "configure", values: [pairs] });
    return super.configure(pairs);
  }

  override createView(name: string, relation: RelationInit): Promise<void> {
    this.#requests.push({ name: "createView", values: [name, relation] });
    return super.createView(name, relation);
  }

  override writeParquet(relation: RelationInit, path: string, options = {}): Promise<Executed> {
    this.#requests.push({ name: "writeParquet", values: [relation, path, options] });
    return super.writeParquet(relation, path, options);
  }

  override async checkpoint(relation: RelationInit): Promise<string> {
    const made = await super.checkpoint(relation);
    this.#requests.push({ name: "checkpoint", values: [relation], made });
    return made;
  }

  override async checkpointCounted(relation: RelationInit): Promise<{ readonly id: string; readonly rows: number }> {
    const made = await super.checkpointCounted(relation);
    this.#requests.push({ name: "checkpoint", values: [countingRows(relation)], made: made.id });
    return made;
  }

  override release(relationId: string): Promise<void> {
    this.#requests.push({ name: "release", values: [relationId] });
    return super.release(relationId);
  }

  override async ml(command: MlCommand): Promise<MlCommandResult> {
    const again = keptRead(command);
    const result = await super.ml(command);
    const made = modelOf(result);
    this.#requests.push({ name: "ml", values: [again], ...(made === undefined ? {} : { made }) });
    return result;
  }
}

/** A session that knows how long at least one of its requests was under way. */
export class TimedSession extends SparkSession {
  /** Milliseconds. */
  busyMs = 0;
  #underWay = 0;
  #since = 0;

  override collect(relation: RelationInit): Promise<Table> {
    return this.#timed(() => super.collect(relation));
  }

  override command(...given: Parameters<SparkSession["command"]>): Promise<Executed> {
    return this.#timed(() => super.command(...given));
  }

  override configure(pairs: Readonly<Record<string, string>>): Promise<void> {
    return this.#timed(() => super.configure(pairs));
  }

  async #timed<T>(request: () => Promise<T>): Promise<T> {
    if (this.#underWay++ === 0) this.#since = performance.now();
    try {
      return await request();
    } finally {
      if (--this.#underWay === 0) this.busyMs += performance.now() - this.#since;
    }
  }
}

/**
 * Asks everything again, one request after the other; parquet goes below `folder`, loads read what the recorded run stored.
 *
 * @returns milliseconds
 */
export async function replay(session: SparkSession, requests: readonly Request[], folder: string): Promise<number> {
  const ids = new Map<string, string>();
  let files = 0;
  const start = performance.now();
  for (const { name, values, made } of requests) {
    const [first, second, third] = values.map((value) => renamed(value, ids));
    let given: string | undefined;
    if (name === "collect") await session.collect(first as RelationInit);
    else if (name === "run") await session.run(first as string);
    else if (name === "configure") await session.configure(first as Record<string, string>);
    else if (name === "createView") await session.createView(first as string, second as RelationInit);
    else if (name === "writeParquet")
      await session.writeParquet(first as RelationInit, join(folder, `${files++}.parquet`), third as object);
    else if (name === "release") await session.release(first as string);
    else if (name === "checkpoint") given = await session.checkpoint(first as RelationInit);
    else given = modelOf(await session.ml(savedBelow(first as MlCommand, () => join(folder, `${files++}.model`))));
    if (made !== undefined && given !== undefined) ids.set(made, given);
  }
  return performance.now() - start;
}

/** The folder a model is read from goes when it is read: a copy of it can be read again. */
function keptRead(command: MlCommand): MlCommand {
  const { command: which } = command;
  if (which?.case !== "read" || which.value.path === undefined) return command;
  const path = mkdtempSync(join(tmpdir(), "reuselab-bench-model-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  cpSync(which.value.path, path, { recursive: true });
  return { command: { case: "read", value: { ...which.value, path } } };
}

function savedBelow(command: MlCommand, path: () => string): MlCommand {
  const { command: which } = command;
  return which?.case === "write" ? { command: { case: "write", value: { ...which.value, path: path() } } } : command;
}

function modelOf({ resultType }: MlCommandResult): string | undefined {
  return resultType.case === "operatorInfo" && resultType.value.type.case === "objRef"
    ? resultType.value.type.value.id
    : undefined;
}

/** The same plain data with every id of the recorded session replaced; bytes are shared. */
function renamed(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return ids.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, ids));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each, ids)]));
}
