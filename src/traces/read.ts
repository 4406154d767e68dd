import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { TraceFormatError } from "../core/errors.ts";
import type { TraceHeader, TraceIteration } from "../core/iteration.ts";
import { parseHeaderLine, parseIterationLine } from "./format/parse-line.ts";
import { ColumnDictionary } from "./format/column-dictionary.ts";
import { noIterations, type Trace } from "./format/parse-text.ts";
import { TraceChecker } from "./format/trace-checker.ts";
import { readBytes, readLines, type TextLine } from "./text-lines.ts";

/** A trace on disk, opened. */
export interface TraceReader {
  readonly path: string;
  readonly header: TraceHeader;
  /**
   * The iterations, one held at a time. A regular file may be iterated again and again; a pipe once.
   * Iterating throws a {@link TraceFormatError} at the first bad line.
   */
  readonly iterations: AsyncIterable<TraceIteration>;
}

/** Options of {@link readTrace}. */
export interface ReadOptions {
  /** Check what fields mean together (default true); fields by themselves are always checked. False for a file that was checked just before. */
  readonly meaning?: boolean;
  /** Checks with this checker, so that the caller can ask it about the iteration just given; good for one iteration over the file. */
  readonly checker?: TraceChecker;
}

/**
 * Opens a trace, plain or gzip, and reads its header.
 *
 * Memory does not grow with the number of iterations but for 9–19 bytes per distinct signature, for checking.
 *
 * @throws {TraceFormatError} naming file, line and field
 */
export async function readTrace(path: string, options: ReadOptions = {}): Promise<TraceReader> {
  const first = readLines(path);
  const header = await readHeader(first, path);
  const repeatable = statSync(path).isFile();
  if (repeatable) await first.return();
  let open: AsyncGenerator<TextLine, void, undefined> | undefined = repeatable ? undefined : first;
  return {
    path,
    header,
    iterations: {
      async *[Symbol.asyncIterator]() {
        let lines = open;
        open = undefined;
        if (lines === undefined) {
          if (!repeatable) throw new TraceFormatError({ file: path }, "is a pipe and was read already; use a file");
          lines = readLines(path);
          await lines.next();
        }
        yield* parsed(lines, path, options.checker ?? (options.meaning === false ? undefined : new TraceChecker()));
      },
    },
  };
}

async function readHeader(lines: AsyncGenerator<TextLine, void, undefined>, path: string): Promise<TraceHeader> {
  const first = await lines.next();
  if (first.done === true) throw new TraceFormatError({ file: path }, "is empty; expected the header of a trace");
  try {
    return parseHeaderLine(first.value.text, { file: path, line: first.value.line });
  } catch (error) {
    await lines.return();
    throw error;
  }
}

async function* parsed(
  lines: AsyncGenerator<TextLine, void, undefined>,
  path: string,
  checker: TraceChecker | undefined,
): AsyncGenerator<TraceIteration, void, undefined> {
  const columns = new ColumnDictionary();
  let count = 0;
  for await (const { line, text } of lines) {
    const at = { file: path, line };
    const iteration = columns.decode(parseIterationLine(text, at), at);
    checker?.check(iteration, at);
    count++;
    yield iteration;
  }
  if (count === 0) throw new TraceFormatError({ file: path }, noIterations);
}

/** Reads and checks a trace whole; for small ones. @throws {TraceFormatError} */
export async function loadTrace(path: string): Promise<Trace> {
  const { header, iterations } = await readTrace(path);
  const all: TraceIteration[] = [];
  for await (const iteration of iterations) all.push(iteration);
  return { header, iterations: all };
}

/** SHA-256 of the uncompressed bytes of a file as lower-case hex: the same for a trace and its gzip. @throws {TraceFormatError} */
export async function hashTrace(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of readBytes(path)) hash.update(chunk);
  return hash.digest("hex");
}
