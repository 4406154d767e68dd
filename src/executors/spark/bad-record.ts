import { DataFormatError, type ReuseError } from "../../core/errors.ts";
import { SparkError } from "./errors.ts";

/**
 * A record that a CSV scan could not read, as an error of the data file. Spark names neither file nor line: the files are those
 * that the statement reads, the record is what was left of it.
 *
 * @returns undefined for any other failure
 */
export function badRecord(error: unknown, sql: string): ReuseError | undefined {
  if (!(error instanceof SparkError) || !error.errorClass.startsWith("MALFORMED_RECORD_IN_PARSING")) return undefined;
  const files = [...sql.matchAll(/text\."((?:[^"]|"")*)"/gu)].map(([, path = ""]) => path.replaceAll('""', '"'));
  const record = error.messageParameters["badRecord"];
  const found = new DataFormatError(
    { file: files.join(" or ") || "data file" },
    `a line cannot be read${record === undefined ? "" : ` (what was read of it: ${record})`}; expected the columns and types the scan declares`,
  );
  found.cause = error;
  return found;
}
