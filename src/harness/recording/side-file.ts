import { open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import { sha256Hex } from "../../core/signature.ts";
import type { RecordingPlan, Repetition } from "./recording.ts";

/** Finished repetitions of a recording, kept beside its trace so that an interrupted one goes on. */
export interface SideFile {
  /** Finished repetitions by number. */
  readonly done: ReadonlyMap<number, Repetition>;
  /** Appends one and waits until it is on the device. */
  append(repetition: Repetition): Promise<void>;
}

/**
 * Identifies what is recorded: versions, warm-up, seed and whatever `also` names (engine, machine, scale). Repetitions of
 * another recording are never mixed in.
 */
export function recordingKey(plan: RecordingPlan, also: readonly string[]): string {
  const lines = [...also, String(plan.seed)];
  for (const { iteration, nodes } of [...plan.versions, ...(plan.warmUp ?? [])])
    lines.push(
      `${iteration} ${nodes.map(({ id, signature, output }) => `${id}=${signature}${output === true ? "!" : ""}`).join(" ")}`,
    );
  return sha256Hex(lines.join("\n"));
}

/** Opens or starts the side file of a recording; one of another recording, and a half-written last line, are thrown away. */
export async function openSideFile(path: string, key: string): Promise<SideFile> {
  const header = `${JSON.stringify({ format: "reuselab.recording", version: 1, key })}\n`;
  const done = new Map<number, Repetition>();
  let text = "";
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  if (text.startsWith(header))
    for (const line of text.slice(header.length).split("\n").slice(0, -1)) {
      const repetition = JSON.parse(line) as Repetition;
      done.set(repetition.repetition, repetition);
    }
  makeFolder(dirname(path));
  await write(path, "w", header + [...done.values()].map((repetition) => `${JSON.stringify(repetition)}\n`).join(""));
  return {
    done,
    async append(repetition) {
      await write(path, "a", `${JSON.stringify(repetition)}\n`);
      done.set(repetition.repetition, repetition);
    },
  };
}

async function write(path: string, flag: "a" | "w", text: string): Promise<void> {
  const file = await open(path, flag);
  try {
    await file.writeFile(text, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
}
