import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import type { TraceHeader, TraceIteration } from "../core/iteration.ts";
import { ColumnDictionary } from "./format/column-dictionary.ts";
import { headerLine, iterationLine } from "./format/write-line.ts";

/** Bytes of text per gzip member and per write. */
const blockChars = 4 * 1024 * 1024;

/**
 * Writes a trace, one canonical line per record, gzip when the name ends in `.gz`. It appears under its name only when
 * complete (temporary file, sync, rename). The same records give the same text everywhere and, for one version of zlib, the
 * same compressed bytes: gzip headers hold no time, no name and the same mark for every operating system.
 *
 * Memory does not grow with the number of iterations.
 */
export async function writeTrace(
  path: string,
  header: TraceHeader,
  iterations: Iterable<TraceIteration> | AsyncIterable<TraceIteration>,
): Promise<void> {
  const compressed = path.endsWith(".gz");
  await writeAtomically(path, async (file) => {
    const columns = new ColumnDictionary();
    let block = `${headerLine(header)}\n`;
    const flush = async (): Promise<void> => {
      const bytes = Buffer.from(block, "utf8");
      block = "";
      await file.appendFile(compressed ? gzipMember(bytes) : bytes);
    };
    for await (const iteration of iterations) {
      block += `${iterationLine(columns.encode(iteration))}\n`;
      if (block.length >= blockChars) await flush();
    }
    if (block.length > 0) await flush();
  });
}

/** Writes a text file that appears under its name only when complete. */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  await writeAtomically(path, async (file) => file.appendFile(text));
}

async function writeAtomically(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  const file = await open(temporary, "w");
  try {
    await fill(file);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** One gzip member with modification time 0 and operating system "unknown". */
function gzipMember(bytes: Uint8Array): Buffer {
  const member = gzipSync(bytes, { level: 9 });
  member[9] = 255;
  return member;
}
