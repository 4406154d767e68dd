import { ExecutorError } from "../../core/errors.ts";
import type { ExecutorCapabilities } from "../../core/executor.ts";
import type { ResultPart } from "../store/result-store.ts";
import type { Dialect } from "./dialect.ts";
import type { CompilerRegistry } from "./registry.ts";
import type { Payload, RelationPayload, RelationShape } from "./shape.ts";
import type { Step } from "./steps.ts";

/** Microseconds: fixed, per byte on storage, per byte in memory. */
export type TransferCost = readonly [fixedUs: number, usPerByte: number, usPerMemoryByte: number];

/** What an engine expects of results it never loaded or wrote. */
export interface TransferCosts {
  readonly load: TransferCost;
  readonly write: TransferCost;
}

/** Share of memory a stored result takes before one of its operator type was written. */
export const usualCompression = 0.15;

/** Expected time of a transfer, in whole microseconds. */
export function expectedTransferUs(
  [fixedUs, usPerByte, usPerMemoryByte]: TransferCost,
  bytes: number,
  memoryBytes: number,
): number {
  return Math.ceil(fixedUs + usPerByte * bytes + usPerMemoryByte * memoryBytes);
}

/** A step the engine itself runs. */
export type EngineStep = Exclude<Step, { kind: "work" }>;

/** A step that runs in this process. */
export type WorkStep = Extract<Step, { kind: "work" }>;

/** Where a result goes or comes from. */
export interface ResultPlace {
  readonly key: string;
  readonly signal: AbortSignal | undefined;
}

/** How an engine stores single columns. */
export interface ColumnFiles {
  write(
    payload: RelationPayload,
    column: { readonly name: string; readonly id: string },
    to: ResultPlace & { readonly path: string },
  ): Promise<void>;
  /** Reverse of it, rows in order. `columns`: ids in the order of the shape, row keys first; `paths` by id. */
  read(
    newTable: () => string,
    meta: { readonly shape: RelationShape; readonly rows: number; readonly columns: readonly string[] },
    from: ResultPlace & { readonly paths: ReadonlyMap<string, string> },
  ): Promise<RelationPayload>;
}

/** An SQL engine as the executor drives it. Calls come one at a time; every failure is a coded error. */
export interface RelationalEngine {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** Versions kept with stored results, by package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly capabilities: ExecutorCapabilities;
  readonly dialect: Dialect;
  readonly compilers: CompilerRegistry;
  readonly transferCosts: TransferCosts;
  /** Runs one step; the answer is what {@link Step} says of its kind. */
  answer(step: EngineStep, signal: AbortSignal | undefined): Promise<unknown>;
  dropTable(table: string): Promise<void>;
  /** Files of a result for the store in `folder`; `discard` removes what is left of them, whether they were stored or not. */
  writeResult(
    payload: Payload,
    to: ResultPlace & { readonly folder: string },
  ): Promise<{ readonly parts: readonly ResultPart[]; readonly discard: () => Promise<void> }>;
  /** Reverse of it; a relation becomes the table `table`. `meta` holds `kind`, `shape` and `rows`. */
  readResult(
    table: string,
    meta: Readonly<Record<string, unknown>>,
    from: ResultPlace & { readonly paths: readonly string[] },
  ): Promise<Payload>;
  /** Bytes of each column of a stored relation, by logical name; absent where the engine cannot tell. */
  columnBytes?(path: string): Promise<ReadonlyMap<string, number>>;
  /** Relations column by column; absent where the engine stores them whole. */
  readonly columnFiles?: ColumnFiles;
  onWork?(step: WorkStep): void;
  onEvict?(key: string): void;
  close(): Promise<void>;
}

/** @throws {ExecutorError} once the signal is aborted */
export function throwIfAborted(engine: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new ExecutorError(`${engine}: interrupted; what was stored before is kept`, { cause: signal.reason });
}
