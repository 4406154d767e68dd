import { DataFormatError, ExecutorError, ReuseError } from "../../core/errors.ts";

const diskFull = /no space left|disk quota|file too large|could not write|failed to write|ENOSPC|EFBIG|EDQUOT/iu;
const outOfMemory = /out of memory/iu;

/**
 * Turns what the engine threw into a coded error: a line of a data file that cannot be parsed names file and line (bad
 * input), everything else is an {@link ExecutorError} with the engine's error as cause.
 */
export function engineError(sql: string, error: unknown): ReuseError {
  if (error instanceof ReuseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const csv = csvError(message, error);
  if (csv !== undefined) return csv;
  const first = message.split("\n", 1)[0] ?? message;
  const advice = diskFull.test(message)
    ? "; the disk is full or a limit on file sizes was reached: free space or lower the budget, what was stored before is kept"
    : outOfMemory.test(message)
      ? "; raise --memory or run at a smaller scale"
      : `; in ${sql.length > 200 ? `${sql.slice(0, 200)}…` : sql}`;
  return new ExecutorError(`duckdb: ${first}${advice}`, { cause: error });
}

function csvError(message: string, cause: unknown): DataFormatError | undefined {
  const line = /CSV Error on Line: (\d+)/u.exec(message);
  if (line === null) return undefined;
  const file = /^\s*file ?= ?(.+)$/mu.exec(message)?.[1]?.trim() ?? "data file";
  const column = /at column "([^"]+)"|Column ([\w-]+)/u.exec(message);
  const original = /Original Line: ?(.*)/u.exec(message)?.[1]?.trim();
  const reason = message
    .split("\n")
    .find((text) => /Error when converting|Expected Number of Columns|quote/iu.test(text));
  const field = column?.[1] ?? column?.[2];
  const found = new DataFormatError(
    { file, line: Number(line[1]), ...(field === undefined ? {} : { field }) },
    `${reason?.trim().replace(/\.$/u, "") ?? "cannot be parsed"}${original === undefined ? "" : ` in "${original.slice(0, 120)}"`}; expected the columns and types the scan declares`,
  );
  found.cause = cause;
  return found;
}
