/** Reads problem files: one JSON document (any layout) or JSON Lines, from a file or standard input, never held whole. */
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { TraceFormatError, UsageError } from "../core/errors.ts";
import { parseProblem, type ListedProblem, type TextOrigin } from "../core/problem-format.ts";

/** One problem of a file and the line it stands on (undefined when the file is one document of several lines). */
export interface ProblemInput {
  readonly problem: ListedProblem;
  readonly line: number | undefined;
}

/** One JSON document of a file; `line` as in {@link ProblemInput}. */
export interface DocumentInput {
  readonly text: string;
  readonly line: number | undefined;
}

/**
 * Yields the problems of a file in order. Holds one line at a time, or the whole text when it is a single document laid out
 * over several lines.
 *
 * @param file path, or `-` for standard input
 * @throws {UsageError} when the file cannot be read
 * @throws {TraceFormatError} at the first bad line, naming it; problems before it were yielded
 */
export async function* readProblems(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<ProblemInput> {
  for await (const { text, line } of readDocuments(file, stdin))
    yield { problem: parseProblem(text, originOf(file, line)), line };
}

/** How errors name a document. */
export function originOf(file: string, line: number | undefined): TextOrigin {
  const name = file === "-" ? "stdin" : file;
  return line === undefined ? { file: name } : { file: name, line };
}

/**
 * Yields the texts of a file of problems or plans, one document at a time: each non-empty line, or the whole file when its
 * first line leaves brackets open (lines are then counted from the file's beginning).
 *
 * @throws {UsageError} when the file cannot be read
 * @throws {TraceFormatError} when it is empty
 */
export async function* readDocuments(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<DocumentInput> {
  const name = file === "-" ? "stdin" : file;
  const chunks = file === "-" ? stdin : (createReadStream(file) as AsyncIterable<Uint8Array>);
  let line = 0;
  let found = 0;
  let document: string[] | undefined; // lines of a document that did not end on its first line
  let firstLine = 0;
  for await (const text of linesOf(chunks, name)) {
    line++;
    if (document !== undefined) {
      if (document.length === line - firstLine && isDocument(text)) break; // a second document: the first line was cut short
      document.push(text);
      continue;
    }
    if (text.trim() === "") continue;
    if (found === 0 && isUnfinished(text)) {
      document = [text];
      firstLine = line;
      continue;
    }
    found++;
    yield { text, line };
  }
  if (document !== undefined) {
    if (document.length === 1) yield { text: document[0]!, line: firstLine };
    else yield { text: "\n".repeat(firstLine - 1) + document.join("\n"), line: undefined };
  } else if (found === 0) {
    throw new TraceFormatError({ file: name, line: 1 }, "is empty; expected a JSON object per line, or one");
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array | string>, name: string): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let line = 0;
  const finished = (last: Uint8Array): string => {
    line++;
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    if (!isUtf8(bytes)) throw new TraceFormatError({ file: name, line }, "is not UTF-8 text; expected a JSON object");
    return new TextDecoder().decode(bytes);
  };
  try {
    for await (const chunk of chunks) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        yield finished(bytes.subarray(from, end));
        from = end + 1;
      }
      if (from < bytes.length) pending.push(bytes.subarray(from));
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error) || error instanceof TraceFormatError) throw error;
    throw new UsageError(`${name}: cannot be read (${error.message}); expected a problem file or - for stdin`, {
      cause: error,
    });
  }
  if (pending.length > 0) yield finished(new Uint8Array(0));
}

/** True if brackets are open at the end of the line: the document goes on. */
function isUnfinished(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === "\\") i++;
    } else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
  }
  return depth > 0;
}

/** True if the line is a problem or plan of its own. */
function isDocument(text: string): boolean {
  if (!text.trimStart().startsWith("{")) return false;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && ("format" in json || "planner" in json);
  } catch {
    return false;
  }
}
