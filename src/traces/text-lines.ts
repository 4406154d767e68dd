import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { TraceFormatError } from "../core/errors.ts";

/** A line of a text file, without its line break. */
export interface TextLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

/** Longest line that is read, in bytes; longer ones could not be held as one string together with what is parsed from it. */
export const maxLineBytes = 256 * 1024 * 1024;

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The bytes of a file, uncompressed: gzip is recognized by its first two bytes, never by the name. Works on pipes.
 *
 * @throws {TraceFormatError} when the file cannot be read or its compressed data are damaged or end too early
 */
export async function* readBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let head: Buffer = Buffer.alloc(0);
    while (head.length < 2) {
      const next = await chunks.next();
      if (next.done === true) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    const rest = (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    })();
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      yield* rest;
      return;
    }
    yield* gunzip(rest);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    file.destroy();
  }
}

/** Decompresses with backpressure in both directions. */
async function* gunzip(source: AsyncGenerator<Buffer, void, undefined>): AsyncGenerator<Buffer, void, undefined> {
  const stream = createGunzip({ chunkSize: 256 * 1024 });
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of source) {
        if (stream.destroyed) return;
        if (!stream.write(chunk))
          await new Promise<void>((resolve) => void stream.once("drain", resolve).once("close", resolve));
      }
      stream.end();
    } catch (error) {
      stream.destroy(error as Error);
    }
  };
  const fed = feed();
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    await fed;
  } finally {
    stream.destroy();
  }
}

function unreadable(path: string, cause: unknown): unknown {
  const code = (cause as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return cause;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file; check the path",
    EISDIR: "is a folder; name a file in it",
    ENOTDIR: "no such file: a part of the path is no folder; check the path",
    EACCES: "may not be read; check its permissions",
    EPERM: "may not be read; check its permissions",
    Z_BUF_ERROR: "the compressed data end too early; the file is truncated, copy or record it again",
    Z_DATA_ERROR: "the compressed data are damaged; copy or record the file again",
  };
  const reason =
    reasons[code] ?? (code.startsWith("E") || code.startsWith("Z_") ? `cannot be read (${code})` : undefined);
  if (reason === undefined) return cause;
  const error = new TraceFormatError({ file: path }, reason);
  error.cause = cause;
  return error;
}

/**
 * The lines of a text file, plain or gzip, in constant memory. A byte order mark is dropped, blank lines are skipped but
 * counted, the last line needs no line break.
 *
 * @param onBytes sees every uncompressed chunk first, for hashing
 * @throws {TraceFormatError} on unreadable files, text that is not UTF-8, and lines beyond {@link maxLineBytes}
 */
export async function* readLines(
  path: string,
  onBytes?: (chunk: Buffer) => void,
): AsyncGenerator<TextLine, void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 0;
  const finished = (last: Buffer): TextLine | undefined => {
    line++;
    pending.push(last);
    let bytes = pending.length === 1 ? last : Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    if (line === 1 && bytes.subarray(0, 3).equals(byteOrderMark)) bytes = bytes.subarray(3);
    if (!isUtf8(bytes)) throw new TraceFormatError({ file: path, line }, "is not UTF-8 text; expected a line of JSON");
    const text = bytes.toString("utf8");
    return isBlank(text) ? undefined : { line, text };
  };
  for await (const chunk of readBytes(path)) {
    onBytes?.(chunk);
    let start = 0;
    for (let end = chunk.indexOf(10, start); end >= 0; end = chunk.indexOf(10, start)) {
      const next = finished(chunk.subarray(start, end));
      if (next !== undefined) yield next;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maxLineBytes)
      throw new TraceFormatError(
        { file: path, line: line + 1 },
        "is longer than 256 MiB; expected one record per line",
      );
  }
  if (pendingBytes > 0) {
    const next = finished(Buffer.alloc(0));
    if (next !== undefined) yield next;
  }
}

function isBlank(text: string): boolean {
  return text.length === 0 || (text.charCodeAt(0) <= 32 && text.trim() === "");
}
