/** Experiment graphs on disk: one writer at a time, replaced as a whole, so that a reader never sees half a graph. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { DataFormatError, StoreError, TraceFormatError } from "../core/errors.ts";
import { experimentGraphLines, ExperimentGraphParser } from "../simulator/experiment-graph-format.ts";
import { UnionGraph } from "../simulator/experiment-graph.ts";
import { readLines } from "../traces/text-lines.ts";

/**
 * Reads a graph, plain or gzip, one line held at a time. Needs no lock.
 *
 * @throws {DataFormatError} when the file is missing, damaged, cut off or of another version
 */
export async function readExperimentGraph(path: string): Promise<UnionGraph> {
  const parser = new ExperimentGraphParser(path);
  try {
    for await (const { text, line } of readLines(path)) parser.line(text, line);
  } catch (cause) {
    if (!(cause instanceof TraceFormatError)) throw cause;
    const error = new DataFormatError({ file: path }, cause.message);
    error.cause = cause;
    throw error;
  }
  return parser.end();
}

/** A graph opened for writing; {@link ExperimentGraphFile.close} lets the next writer in. */
export class ExperimentGraphFile {
  readonly path: string;
  /** What the file held when it was opened; empty for a new one. */
  readonly graph: UnionGraph;

  private constructor(path: string, graph: UnionGraph) {
    this.path = path;
    this.graph = graph;
  }

  /**
   * Opens a graph for writing, or starts a new one.
   *
   * @throws {StoreError} while another living process has it open; {DataFormatError} when the file is damaged
   */
  static async open(path: string): Promise<ExperimentGraphFile> {
    lock(path);
    try {
      return new ExperimentGraphFile(path, existsSync(path) ? await readExperimentGraph(path) : new UnionGraph());
    } catch (error) {
      rmSync(lockOf(path), { force: true });
      throw error;
    }
  }

  /** Replaces the file by the graph as it is now. @throws {StoreError}; the file is as it was then */
  save(): void {
    writeExperimentGraph(this.path, this.graph);
  }

  close(): void {
    rmSync(lockOf(this.path), { force: true });
  }
}

/** Writes a graph beside a file, flushes it and renames it over the file. @throws {StoreError}; the file is as it was then */
export function writeExperimentGraph(path: string, graph: UnionGraph): void {
  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      let block = "";
      for (const line of experimentGraphLines(graph)) {
        block += `${line}\n`;
        if (block.length < 1 << 20) continue;
        writeSync(file, block);
        block = "";
      }
      writeSync(file, block);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new StoreError(`experiment graph ${path}: cannot be written (${reason}); the old one is as it was`);
    error.cause = cause;
    throw error;
  }
}

const lockOf = (path: string): string => `${path}.lock`;

/** Creates the lock file; takes over one that a killed process left behind. */
function lock(path: string): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(lockOf(path), "wx");
      writeSync(file, `${process.pid}\n`);
      closeSync(file);
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, cause);
      const holder = Number(readFileSync(lockOf(path), "utf8"));
      if (holder === 0 || isAlive(holder))
        throw new StoreError(
          `experiment graph ${path}: is being written by process ${holder}; wait for it or write another file and merge`,
        );
      rmSync(lockOf(path), { force: true });
    }
  }
  throw new StoreError(`experiment graph ${path}: another process took the lock; try again`);
}

function unwritable(path: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const error = new StoreError(`experiment graph ${path}: cannot be locked (${reason}); is the folder writable?`);
  error.cause = cause;
  return error;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
