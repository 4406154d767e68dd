/**
 * The recorded traces that experiments read, by reference. A *family* is one workload at several scales
 * (`census-1x`, `census-10x`, …); `census@judged` is the scale at which claims are judged.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { TraceHeader, TraceIteration } from "../core/iteration.ts";
import { hashTrace, loadTrace } from "../traces/read.ts";
import { packageRoot } from "./provenance.ts";

/** A trace file of the library. */
export interface TraceFile {
  /** File name without extensions, for example `census-100x`. */
  readonly name: string;
  readonly path: string;
  readonly family: string;
  /** Scale in the name (`100` for `census-100x`); undefined without one. */
  readonly scale: number | undefined;
}

/** A trace held in memory. */
export interface LibraryTrace extends TraceFile {
  readonly sha256: string;
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
}

/** A trace chosen by rule, and why. */
export interface JudgedChoice {
  readonly file: TraceFile;
  readonly why: string;
}

/** Fixed cost may be at most this share of the initial run, which takes at least so long. */
const maxFixedShare = 0.05;
const minInitialUs = 20_000_000;

/** `NAME.jsonl` or `NAME.jsonl.gz`; what a recording keeps beside its trace (`NAME.jsonl.gz.repetitions.jsonl`) is none. */
function isTraceName(name: string): boolean {
  return /^[^.].*\.jsonl(?:\.gz)?$/u.test(name) && !/\.jsonl.*\.jsonl/u.test(name);
}

function traceFile(path: string): TraceFile {
  const name = basename(path).replace(/\.jsonl(?:\.gz)?$/u, "");
  const match = /^(.+)-(\d+(?:\.\d+)?)x$/u.exec(name);
  return { name, path, family: match?.[1] ?? name, scale: match === null ? undefined : Number(match[2]) };
}

/** Σ computeUs of the first version: the initial run with a barrier at every node. */
function initialUs(trace: LibraryTrace): number {
  let us = 0;
  for (const node of trace.iterations[0]?.nodes ?? []) us += node.computeUs;
  return us;
}

/** Traces in one folder (default: those shipped in `experiments/traces`), read once each. */
export class TraceLibrary {
  readonly folder: string;
  readonly #files: readonly TraceFile[];
  readonly #loaded = new Map<string, Promise<LibraryTrace>>();

  constructor(folder: string = join(packageRoot(), "experiments", "traces")) {
    this.folder = folder;
    const names = existsSync(folder) ? readdirSync(folder).filter(isTraceName) : [];
    this.#files = names.sort().map((name) => traceFile(join(folder, name)));
  }

  /** Every trace of the folder, by name. */
  list(): readonly TraceFile[] {
    return this.#files;
  }

  /** Families, each once, sorted; a trace without a scale in its name is a family of its own. */
  families(): readonly string[] {
    return [...new Set(this.#files.map(({ family }) => family))].sort();
  }

  /** A reference per family that comparisons are judged on: all but the recordings that only price drawn sequences. */
  judgedReferences(): readonly string[] {
    return this.families()
      .filter((family) => !family.endsWith("-cover"))
      .map((family) => (this.family(family).length > 0 ? `${family}@judged` : family));
  }

  /** Traces of one family, smallest scale first. */
  family(family: string): readonly TraceFile[] {
    return this.#files
      .filter((file) => file.family === family && file.scale !== undefined)
      .sort((a, b) => (a.scale ?? 0) - (b.scale ?? 0));
  }

  /**
   * The file of a reference: `FAMILY@judged`, `FAMILY@10x`, a name, or a path.
   * @throws {UsageError} when there is none, naming those there are
   */
  async resolve(reference: string): Promise<TraceFile> {
    const [family = "", scale] = reference.split("@");
    if (scale === "judged") return (await this.judged(family)).file;
    const name = scale === undefined ? reference : `${family}-${scale}`;
    const found = this.#files.find((file) => file.name === name);
    if (found !== undefined) return found;
    if (scale === undefined && existsSync(reference)) return traceFile(reference);
    throw new UsageError(
      `trace "${reference}": is not in experiments/traces; there are: ${this.#files.map((file) => file.name).join(", ") || "none"}`,
    );
  }

  /** Reads a trace whole, once. @throws {UsageError} for an unknown reference, {TraceFormatError} for a bad file */
  async load(reference: string): Promise<LibraryTrace> {
    const file = await this.resolve(reference);
    return this.#read(file);
  }

  #read(file: TraceFile): Promise<LibraryTrace> {
    const known = this.#loaded.get(file.path);
    if (known !== undefined) return known;
    const reading = (async (): Promise<LibraryTrace> => {
      const [sha256, { header, iterations }] = await Promise.all([hashTrace(file.path), loadTrace(file.path)]);
      return { ...file, sha256, header, iterations };
    })();
    this.#loaded.set(file.path, reading);
    return reading;
  }

  /**
   * The scale at which claims of a family are judged: the smallest one where fixed cost (the same plan on 1 % of the rows)
   * is at most 5 % of the initial run and that run takes at least 20 s; if none does, the largest.
   *
   * Fixed cost is `source.fixedCostUs` of the header or, without it, the initial run of the trace with 1 % of the scale.
   * @throws {UsageError} when the family has no trace
   */
  async judged(family: string): Promise<JudgedChoice> {
    const members = this.family(family);
    const largest = members.at(-1) ?? this.#files.find((file) => file.name === family);
    if (largest === undefined)
      throw new UsageError(
        `traces of "${family}": there are none in experiments/traces; record them with: reuselab record ${family}`,
      );
    for (const file of members) {
      const trace = await this.#read(file);
      const us = initialUs(trace);
      const fixedUs = await this.#fixedCostUs(trace, members);
      if (us >= minInitialUs && fixedUs !== undefined && fixedUs <= maxFixedShare * us)
        return {
          file,
          why: `judged at ${file.name}: the smallest scale with an initial run ≥ 20 s (${(us / 1e6).toFixed(1)} s) and fixed cost ≤ 5 % of it (${((100 * fixedUs) / us).toFixed(1)} %)`,
        };
    }
    const trace = await this.#read(largest);
    const us = initialUs(trace);
    const fixedUs = await this.#fixedCostUs(trace, members);
    const fixed =
      fixedUs === undefined ? "fixed cost not recorded" : `fixed cost ${((100 * fixedUs) / us).toFixed(1)} %`;
    return {
      file: largest,
      why: `judged at ${largest.name}, the largest scale: none has an initial run ≥ 20 s with fixed cost ≤ 5 % (here ${(us / 1e6).toFixed(1)} s, ${fixed})`,
    };
  }

  async #fixedCostUs(trace: LibraryTrace, members: readonly TraceFile[]): Promise<number | undefined> {
    const recorded = trace.header.source?.["fixedCostUs"];
    if (typeof recorded === "number") return recorded;
    const hundredth = members.find((file) => trace.scale !== undefined && file.scale === trace.scale / 100);
    return hundredth === undefined ? undefined : initialUs(await this.#read(hundredth));
  }
}
