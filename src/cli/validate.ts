import { ReuseError, TraceFormatError, UsageError } from "../core/errors.ts";
import { parseObject } from "../traces/format/fields.ts";
import { traceFormat } from "../traces/format/parse-line.ts";
import { storageModelFormat } from "../traces/format/storage-model.ts";
import { readExperimentGraph } from "../harness/experiment-graph-file.ts";
import { experimentGraphFormat } from "../simulator/experiment-graph-format.ts";
import { readTrace } from "../traces/read.ts";
import { readStorageModels } from "../traces/read-storage-model.ts";
import { readLines } from "../traces/text-lines.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { messageOf } from "./exit-code.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";
import { readProblems } from "./problem-input.ts";
import { openProgress, type Progress } from "./progress.ts";
import { validatePlans } from "./validate-plans.ts";

/** What a file turned out to be. */
interface Verdict extends CellRecord {
  readonly file: string;
  readonly kind: string;
  /** Name, for traces. */
  readonly name: string | null;
  /** Iterations, problems or models. */
  readonly records: number;
  readonly nodes: number;
  readonly ok: true;
}

const columns = ["file", "kind", "name", "records", "nodes", "ok"];

/** `reuselab validate FILE…`: checks traces, problems, experiment graphs and calibrations; nothing on stdout unless all are good. */
export const command: Command = {
  name: "validate",
  summary: "check traces, problems, experiment graphs and certificates",
  arguments: "<file...>",
  options: [
    {
      flags: "--problems <file>",
      description: "the files are plans (with certificates, if they have any) of these problems",
    },
  ],
  async run({ values, positionals }, effects) {
    if (typeof values["problems"] === "string")
      return validatePlans(values["problems"], positionals, effects, values["format"]);
    if (positionals.length === 0) throw new UsageError("validate: no file given; expected traces or problem files");
    const verdicts: Verdict[] = [];
    let refused = 0;
    for (const file of positionals) {
      try {
        verdicts.push(await check(file, values, effects));
      } catch (error) {
        if (!(error instanceof ReuseError)) throw error;
        refused++;
        effects.stderr(`${messageOf(error)}\n`);
      }
    }
    if (refused > 0) return 2;
    const { format } = values;
    if (format === undefined || format === "table") effects.stdout(verdicts.map(okLine).join(""));
    else effects.stdout(renderRecords(verdicts, columns, format));
    return 0;
  },
};

const nouns: Readonly<Record<string, readonly [one: string, many: string]>> = {
  trace: ["iteration", "iterations"],
  problems: ["problem", "problems"],
  "experiment graph": ["vertex", "vertices"],
};

function okLine({ file, kind, name, records, nodes }: Verdict): string {
  const [one, many] = nouns[kind] ?? ["model", "models"];
  const label = name === null ? kind : `${kind} ${JSON.stringify(name)}`;
  const size = `${records} ${records === 1 ? one : many}`;
  return `${file}: OK, ${label}, ${size}${nodes > 0 ? `, ${nodes} nodes` : ""}\n`;
}

async function check(file: string, values: OptionValues, effects: Effects): Promise<Verdict> {
  const progress = openProgress(effects, values, file, 1);
  try {
    const kind = file === "-" ? "problems" : await kindOf(file);
    if (kind === "trace") return await checkTrace(file, effects, progress);
    if (kind === "problems") return await checkProblems(file, effects, progress);
    if (kind === "experiment graph") {
      const { vertexCount } = await readExperimentGraph(file);
      return { file, kind, name: null, records: vertexCount, nodes: 0, ok: true };
    }
    return { file, kind, name: null, records: (await readStorageModels(file)).length, nodes: 0, ok: true };
  } finally {
    progress.stop();
  }
}

/** Looks at the first line only; what is not clearly a problem or a calibration is held to be a trace. */
async function kindOf(file: string): Promise<"trace" | "problems" | "calibration" | "experiment graph"> {
  const lines = readLines(file);
  try {
    const first = await lines.next();
    if (first.done === true)
      throw new TraceFormatError({ file, line: 1 }, "is empty; expected a trace or a problem file");
    const { text, line } = first.value;
    if (text.includes(storageModelFormat)) return "calibration";
    if (text.includes(experimentGraphFormat)) return "experiment graph";
    let format: unknown;
    try {
      ({ format } = parseObject(text, { file, line }, ""));
    } catch {
      // A document laid out over several lines starts with a line that is no JSON by itself: only problems and calibrations do.
      const next = await lines.next();
      const head = `${text}${next.done === true ? "" : next.value.text}`;
      if (head.includes(storageModelFormat)) return "calibration";
      return head.includes(traceFormat) || !/^\s*\{/u.test(head) ? "trace" : "problems";
    }
    return typeof format === "string" && format.startsWith("reuselab.problem") ? "problems" : "trace";
  } finally {
    await lines.return();
  }
}

async function checkTrace(file: string, effects: Effects, progress: Progress): Promise<Verdict> {
  const { header, iterations } = await readTrace(file);
  let records = 0;
  let nodes = 0;
  for await (const iteration of iterations) {
    effects.signal.throwIfAborted();
    records++;
    nodes += iteration.nodes.length;
    progress.update(0, `iteration ${iteration.iteration}`);
  }
  return { file, kind: "trace", name: header.name, records, nodes, ok: true };
}

async function checkProblems(file: string, effects: Effects, progress: Progress): Promise<Verdict> {
  let records = 0;
  let nodes = 0;
  for await (const { problem } of readProblems(file, effects.stdin)) {
    effects.signal.throwIfAborted();
    records++;
    nodes += problem.ids.length;
    progress.update(0, `problem ${records}`);
  }
  return { file, kind: "problems", name: null, records, nodes, ok: true };
}
