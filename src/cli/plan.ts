import { stringify } from "csv-stringify/sync";
import { certify } from "../algorithms/reuse/certify.ts";
import { certificateToJson, checkCertificate } from "../core/certificate.ts";
import { PlugInError, ReuseError, TooLargeError, UsageError } from "../core/errors.ts";
import { COMPUTE, LOAD, stateNames, validatePlan, type ReusePlan } from "../core/plan.ts";
import { planToJson, type ListedProblem } from "../core/problem-format.ts";
import type { Command } from "./command.ts";
import { listOption } from "./list-option.ts";
import { choosePlanner, parseParams } from "./planner-choice.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { readProblems, type ProblemInput } from "./problem-input.ts";

/** `reuselab plan FILE|-`: one plan per problem, in order, streaming. */
export const command: Command = {
  name: "plan",
  summary: "plan reuse problems",
  arguments: "<file>",
  endsAtOnce: true,
  options: [
    { flags: "--planner <id>", description: "planner to use; see: reuselab list planners" },
    { flags: "--certificate", description: "add a flow that proves the plan optimal (json; exact planners)" },
    { flags: "--param <key=value>", description: "parameter of the planner", repeatable: true },
    plugInOption,
  ],
  async run({ values, positionals }, effects) {
    const file = positionals[0];
    if (file === undefined) throw new UsageError("plan: no file given; expected a problem file or - for stdin");
    const id = values["planner"];
    if (typeof id !== "string")
      throw new UsageError("plan: --planner is missing; for example --planner max-flow; see: reuselab list planners");
    const planner = choosePlanner(id, await plugInsOf(values));
    const params = parseParams(planner, listOption(values["param"]));
    const proves = values["certificate"] === true;
    const format = String(values["format"] ?? "table");
    if (proves && format !== "json" && format !== "ndjson")
      throw new UsageError(`plan: --certificate with --format ${format}; a certificate is printed with --format json`);
    if (proves && planner.exact !== true)
      throw new UsageError(
        `plan: --certificate with --planner ${id}; only exact planners' plans can be proved optimal`,
      );
    const print = printers[format] ?? printers["table"]!;
    const printer = print(planner.id, (text) => effects.stdout(text));
    for await (const input of readProblems(file, effects.stdin)) {
      if (effects.signal.aborted) return 130;
      const { problem, ids } = input.problem;
      const plan = located(file, input.line, () => planner.plan(problem, params));
      validatePlan(planner.id, problem, plan, (v) => ids[v] ?? `${v}`);
      printer.add(input, plan, proves ? proofOf(planner.id, input.problem, plan) : undefined);
    }
    printer.end();
    return 0;
  },
};

/** Says which problem of the file a planner refused. */
function located<T>(file: string, line: number | undefined, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ReuseError)) throw error;
    const place = `${file === "-" ? "stdin" : file}${line === undefined ? "" : `:${line}`}`;
    throw new TooLargeError(`${place}: ${error.message}`, { cause: error });
  }
}

/** The certificate as JSON; derived apart from the planner and checked before it is printed. */
function proofOf(planner: string, { problem, ids }: ListedProblem, plan: ReusePlan): string {
  const certificate = certify(problem);
  const wrong = checkCertificate(problem, plan.costUs, certificate, (v) => ids[v] ?? `${v}`);
  if (wrong !== undefined) throw new PlugInError(`${planner}: the plan for ${plan.costUs} us is not optimal: ${wrong}`);
  return certificateToJson(problem, ids, certificate);
}

interface Printer {
  add(input: ProblemInput, plan: ReusePlan, extra?: string): void;
  end(): void;
}
type MakePrinter = (planner: string, write: (text: string) => void) => Printer;

const jsonLines: MakePrinter = (planner, write) => ({
  add: ({ problem }, plan, extra) => write(`${planToJson(planner, problem, plan, extra)}\n`),
  end: () => {},
});

const csv: MakePrinter = (planner, write) => {
  let count = 0;
  return {
    add({ problem }, plan) {
      if (count === 0) write("problem,planner,node,state,costUs\n");
      count++;
      write(stringify(rowsOf(problem, plan).map((row) => [count, planner, row.node, row.state, row.costUs])));
    },
    end: () => {},
  };
};

/** Ids are any text: what would break a line or a cell is escaped. */
function printable(text: string, markdown: boolean): string {
  const oneLine = /[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text;
  return markdown ? oneLine.replaceAll("|", "\\|") : oneLine;
}

/** One problem: a table of its nodes. Several: a table with one row per problem. */
const tables =
  (markdown: boolean): MakePrinter =>
  (planner, write) => {
    let first: { input: ProblemInput; plan: ReusePlan } | undefined;
    let count = 0;
    const line = (cells: readonly (string | number)[], widths: readonly number[]): string => {
      const padded = cells.map((cell, i) =>
        typeof cell === "number" ? `${cell}`.padStart(widths[i]!) : printable(cell, markdown).padEnd(widths[i]!),
      );
      return markdown ? `| ${padded.join(" | ")} |\n` : `${padded.join("  ").trimEnd()}\n`;
    };
    const rule = (widths: readonly number[]): string =>
      line(
        widths.map((w) => "-".repeat(w)),
        widths,
      );
    const summaryHead = ["problem", "costUs", "compute", "load", "prune"];
    const summaryWidths = [10, 16, 8, 8, 8];
    const summary = ({ input, plan }: { input: ProblemInput; plan: ReusePlan }): string => {
      const n = plan.states.length;
      const computed = plan.states.filter((state) => state === COMPUTE).length;
      const loaded = plan.states.filter((state) => state === LOAD).length;
      count++;
      return line([input.line ?? count, plan.costUs, computed, loaded, n - computed - loaded], summaryWidths);
    };
    return {
      add(input, plan) {
        if (first === undefined) {
          first = { input, plan };
          return;
        }
        if (count === 0)
          write(
            `planner ${planner}\n${markdown ? "\n" : ""}${line(summaryHead, summaryWidths)}${rule(summaryWidths)}${summary(first)}`,
          );
        write(summary({ input, plan }));
      },
      end() {
        if (first === undefined || count > 0) return;
        const rows = rowsOf(first.input.problem, first.plan);
        const widths = [
          rows.reduce((widest, row) => Math.max(widest, row.node.length), 4),
          7,
          rows.reduce((widest, row) => Math.max(widest, `${row.costUs}`.length), 6),
        ];
        write(`planner ${planner}, cost ${first.plan.costUs} us\n${markdown ? "\n" : ""}`);
        write(line(["node", "state", "costUs"], widths) + rule(widths));
        for (const row of rows) write(line([row.node, row.state, row.costUs], widths));
      },
    };
  };

const printers: Readonly<Record<string, MakePrinter>> = {
  json: jsonLines,
  ndjson: jsonLines,
  csv,
  table: tables(false),
  md: tables(true),
};

function rowsOf(
  { problem, ids, listed }: ListedProblem,
  plan: ReusePlan,
): readonly { node: string; state: string; costUs: number }[] {
  return [...listed].map((v) => {
    const state = plan.states[v]!;
    const costUs = state === COMPUTE ? problem.computeUs[v]! : state === LOAD ? problem.loadUs[v]! : 0;
    return { node: ids[v]!, state: stateNames[state]!, costUs };
  });
}
