import { open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import { UsageError } from "../../core/errors.ts";
import type { RunRow } from "../../core/result-row.ts";

/** A finished iteration of a real run, as its folder keeps it: the row and the metric values. */
export interface FinishedIteration {
  readonly row: RunRow;
  readonly metrics: Readonly<Record<string, number>>;
}

/** The folder of one system's run: `run.json` (what is run), `rows.ndjson` (finished iterations), `store/` (results). */
export interface RunFolder {
  readonly path: string;
  readonly storePath: string;
  /** Iterations finished by earlier, cut-off runs of the same thing. */
  readonly finished: readonly FinishedIteration[];
  /** Appends and syncs. */
  append(iteration: FinishedIteration): Promise<void>;
}

/**
 * Opens or makes a run's folder.
 *
 * @param identity everything that decides what is run; plain data
 * @param fresh delete what is there
 * @throws {UsageError} when the folder holds a run of something else
 */
export async function openRunFolder(path: string, identity: object, fresh: boolean): Promise<RunFolder> {
  if (fresh) await rm(path, { recursive: true, force: true });
  makeFolder(path);
  const wanted = `${JSON.stringify(identity)}\n`;
  const identityPath = join(path, "run.json");
  const rowsPath = join(path, "rows.ndjson");
  const known = await readIfThere(identityPath);
  if (known !== undefined && known !== wanted)
    throw new UsageError(
      `${path}: holds a run of another workload, data, system or budget; name another --out, or replace it by --force`,
    );
  if (known === undefined) await writeFile(identityPath, wanted);
  const text = (await readIfThere(rowsPath)) ?? "";
  // A line cut off by a kill has no end; its iteration is run again.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeFile(rowsPath, whole);
  const finished = whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { metrics, ...row } = JSON.parse(line) as RunRow & { readonly metrics: Record<string, number> };
      return { row, metrics };
    });
  return {
    path,
    storePath: join(path, "store"),
    finished,
    async append({ row, metrics }) {
      const file = await open(rowsPath, "a");
      try {
        await file.write(`${JSON.stringify({ ...row, metrics })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
