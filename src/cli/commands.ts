import type { Command } from "./command.ts";

/** A command's name, its line in the help, and how to load it; loading one loads no other. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every command, in the order of the help. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: "start",
    summary: "the main job: Census and IE, real and simulated, with tables and plots",
    load: async () => (await import("./start.ts")).command,
  },
  {
    name: "list",
    summary: "list planners, materializers, systems, workloads, executors, experiments, traces",
    load: async () => (await import("./list.ts")).command,
  },
  {
    name: "describe",
    summary: "say what one of them is, and its parameters",
    load: async () => (await import("./describe.ts")).command,
  },
  { name: "plan", summary: "plan reuse problems", load: async () => (await import("./plan.ts")).command },
  {
    name: "simulate",
    summary: "replay traces under systems and budgets",
    load: async () => (await import("./simulate.ts")).command,
  },
  {
    name: "execute",
    summary: "run a workload for real on an engine",
    load: async () => (await import("./execute.ts")).command,
  },
  {
    name: "record",
    summary: "record a trace of a workload on an engine",
    load: async () => (await import("./record.ts")).command,
  },
  {
    name: "calibrate",
    summary: "fit load and write costs to recorded traces",
    load: async () => (await import("./calibrate.ts")).command,
  },
  {
    name: "validate-sim",
    summary: "hold the simulator against real runs",
    load: async () => (await import("./validate-sim.ts")).command,
  },
  {
    name: "validate",
    summary: "check traces, problems and certificates",
    load: async () => (await import("./validate.ts")).command,
  },
  { name: "stats", summary: "summarise traces", load: async () => (await import("./stats.ts")).command },
  {
    name: "generate",
    summary: "draw synthetic problems or traces, and say how realistic they are",
    load: async () => (await import("./generate.ts")).command,
  },
  { name: "run", summary: "run an experiment", load: async () => (await import("./run.ts")).command },
  {
    name: "reproduce",
    summary: "reproduce a paper's figure: expected, got, verdict",
    load: async () => (await import("./reproduce.ts")).command,
  },
  {
    name: "report",
    summary: "make one self-contained HTML page of results",
    load: async () => (await import("./report.ts")).command,
  },
  {
    name: "compare",
    summary: "compare two systems, planners or materializers on recorded traces",
    load: async () => (await import("./compare.ts")).command,
  },
  { name: "merge", summary: "merge result folders", load: async () => (await import("./merge.ts")).command },
  {
    name: "bound",
    summary: "print each policy's cost beside the proven bound",
    load: async () => (await import("./bound.ts")).command,
  },
  { name: "bench", summary: "measure planners", load: async () => (await import("./bench.ts")).command },
  { name: "data", summary: "fetch or generate data sets", load: async () => (await import("./data.ts")).command },
  {
    name: "conform",
    summary: "check a plug-in against the contract of its kind",
    load: async () => (await import("./conform.ts")).command,
  },
  {
    name: "new",
    summary: "write a new planner, materializer or workload to start from",
    load: async () => (await import("./new.ts")).command,
  },
  {
    name: "spark",
    summary: "get Spark, and run a small cluster on this machine",
    load: async () => (await import("./spark.ts")).command,
  },
  {
    name: "doctor",
    summary: "say what this machine can run and what is missing",
    load: async () => (await import("./doctor.ts")).command,
  },
];
