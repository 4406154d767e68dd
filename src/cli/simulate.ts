import { accountings, estimateModes } from "../core/system.ts";
import type { Command } from "./command.ts";
import { plugInOption } from "./plug-in-option.ts";
import { graphOption } from "./simulate-graph.ts";
import { startEarly } from "./simulate-threads.ts";

/** `reuselab simulate TRACE…`: replays traces under systems and budgets on the virtual clock. */
export const command: Command = {
  name: "simulate",
  summary: "replay traces under systems and budgets",
  arguments: "<trace...>",
  endsAtOnce: true,
  options: [
    { flags: "--system <ids>", description: "systems, by commas; default every one", repeatable: true },
    { flags: "--planner <id>", description: "with --materializer: a pair instead of systems" },
    { flags: "--materializer <id>", description: "with --planner: a pair instead of systems" },
    {
      flags: "--budget <sizes>",
      description: "storage budgets by commas: 1GiB, 50% of all intermediate bytes, none (default)",
      repeatable: true,
    },
    {
      flags: "--param <id.name=values>",
      description: "parameter of a planner or materializer; several values by commas are tried one after the other",
      repeatable: true,
    },
    { flags: "--accounting <name>", description: accountings.join(", "), default: "uniform" },
    {
      flags: "--estimates <mode>",
      description: `what is known of costs: ${estimateModes.join(", ")}`,
      default: "last",
    },
    { flags: "--memory <size>", description: "memory of KeystoneML's greedy cache; default unlimited" },
    { flags: "--storage-model <file>", description: "load and write costs from `calibrate` where a trace has none" },
    graphOption,
    plugInOption,
    { flags: "--timeout <time>", description: "per cell, for example 30s; one that takes longer fails" },
    {
      flags: "--jobs <n>",
      description: "threads for many cells on several traces; default one per processor; rows are the same",
    },
    { flags: "--seed <n>", description: "echoed in the rows", default: "1" },
    { flags: "--dry-run", description: "say what would run, run nothing" },
  ],
  async run(input, effects) {
    // Other threads load while this one does.
    const early = startEarly(input.values, input.positionals);
    try {
      const { runSimulate } = await import("./simulate-run.ts");
      return await runSimulate(input, effects, early);
    } finally {
      for (const worker of early) await worker.terminate();
    }
  },
};
