import { TraceFormatError } from "../../core/errors.ts";
import type { TraceHeader, TraceIteration } from "../../core/iteration.ts";
import { ColumnDictionary } from "./column-dictionary.ts";
import { parseHeaderLine, parseIterationLine } from "./parse-line.ts";
import { TraceChecker } from "./trace-checker.ts";
import { headerLine, iterationLine } from "./write-line.ts";

/** A trace held whole; for small ones. */
export interface Trace {
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
}

/**
 * Parses and checks a whole trace from text, without files: for browsers, pipes and tests. A byte order mark, blank lines
 * and a missing last line break are accepted.
 *
 * @param file name for messages
 * @throws {TraceFormatError}
 */
export function parseTrace(text: string, file = "trace"): Trace {
  const lines = (text.startsWith("\ufeff") ? text.slice(1) : text).split("\n");
  const checker = new TraceChecker();
  const columns = new ColumnDictionary();
  const iterations: TraceIteration[] = [];
  let header: TraceHeader | undefined;
  lines.forEach((line, i) => {
    if (line.trim() === "") return;
    const at = { file, line: i + 1 };
    if (header === undefined) {
      header = parseHeaderLine(line, at);
      return;
    }
    const iteration = columns.decode(parseIterationLine(line, at), at);
    checker.check(iteration, at);
    iterations.push(iteration);
  });
  if (header === undefined) throw new TraceFormatError({ file }, "is empty; expected the header of a trace");
  if (iterations.length === 0) throw new TraceFormatError({ file }, noIterations);
  return { header, iterations };
}

/** What is wrong with a trace of a header only. */
export const noIterations = "has a header but no iteration; expected at least one line per iteration after it";

/** The canonical text of a trace: one line per record, each ended by a line break. */
export function formatTrace(trace: Trace): string {
  const columns = new ColumnDictionary();
  const lines = trace.iterations.map((iteration) => iterationLine(columns.encode(iteration)));
  return `${[headerLine(trace.header), ...lines].join("\n")}\n`;
}
