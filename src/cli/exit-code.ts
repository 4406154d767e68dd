import { ReuseError } from "../core/errors.ts";

const usageCodes = new Set(["E_USAGE", "E_TRACE_FORMAT", "E_WORKFLOW", "E_TOO_LARGE", "E_DATA_FORMAT", "E_STORE"]);
const inputErrno = new Set(["ENOENT", "EISDIR", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EROFS"]);
const noRoom: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EFBIG", "the file system takes no larger file"],
]);

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Exit code of an error that ended a command: 2 bad usage or input, 3 an engine or cell failed, 1 a bug (DESIGN §5.4). */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ReuseError) return usageCodes.has(error.code) ? 2 : 3;
  const errno = errnoOf(error);
  if (errno !== undefined && inputErrno.has(errno)) return 2;
  return noRoom.has(errno) ? 3 : 1;
}

/** One message for people; the stack only for bugs. */
export function messageOf(error: unknown): string {
  if (error instanceof ReuseError) return `reuselab: ${error.message}`;
  if (error instanceof Error) {
    const errno = errnoOf(error);
    const reason = noRoom.get(errno);
    if (reason !== undefined) {
      const path = "path" in error && typeof error.path === "string" ? `${error.path}: ` : "";
      return `reuselab: ${path}cannot be written, ${reason} (${errno}); make room or name another place; what was finished is kept`;
    }
    if (errno !== undefined && exitCodeOf(error) !== 1) return `reuselab: ${error.message}`;
    return `reuselab: internal error, please report it\n${error.stack ?? error.message}`;
  }
  return `reuselab: ${String(error)}`;
}
