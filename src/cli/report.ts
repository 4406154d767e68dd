import { join } from "node:path";
import { makeFolder } from "../executors/store/make-folder.ts";
import { UsageError } from "../core/errors.ts";
import { accountings, type Accounting } from "../core/system.ts";
import { parseBudget } from "../core/units.ts";
import { replaceFile } from "../harness/cells.ts";
import { pageScript } from "../report/client-bundle.ts";
import { renderPage } from "../report/page.ts";
import type { PlanView } from "../report/plan-view/plan-record.ts";
import { simulatePlans } from "../report/plan-view/simulate-plans.ts";
import { readResultFolder } from "../report/result-folder.ts";
import { plugInParts } from "../harness/contenders.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { listOption, textOption } from "./experiment-choice.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { chooseSystems } from "./system-choice.ts";
import { openTraces } from "./open-traces.ts";

/** `reuselab report FOLDER… --plan-view TRACE --out DIR`: one self-contained page of result folders and of plans. */
export const command: Command = {
  name: "report",
  summary: "make one self-contained HTML page of result folders",
  arguments: "[folder...]",
  options: [
    { flags: "--out <dir>", description: "folder of the page", default: "out/report" },
    { flags: "--title <text>", description: "title of the page", default: "reuselab results" },
    {
      flags: "--plan-view <trace>",
      description: "show the plans of each iteration of this trace, simulated now",
      repeatable: true,
    },
    { flags: "--system <ids>", description: "systems of the plan view; default helix,keystoneml", repeatable: true },
    { flags: "--planner <id>", description: "with --materializer: a pair in the plan view instead of systems" },
    { flags: "--materializer <id>", description: "with --planner: a pair in the plan view instead of systems" },
    { flags: "--budget <size>", description: "budget of the plan view: 1GiB, 50%, none", default: "none" },
    { flags: "--accounting <name>", description: `of the plan view: ${accountings.join(", ")}`, default: "uniform" },
    plugInOption,
  ],
  async run({ values, positionals }, effects) {
    const traces = listOption(values, "planView");
    if (positionals.length === 0 && traces.length === 0)
      throw new UsageError(
        "report: no folder given; expected result folders such as results/demo-fig2b, or --plan-view TRACE",
      );
    const results = positionals.map(readResultFolder);
    const twice = results.find(
      ({ meta }, i) => results.findIndex((other) => other.meta.experiment === meta.experiment) !== i,
    );
    if (twice !== undefined)
      throw new UsageError(
        `report: two folders hold results of "${twice.meta.experiment}"; a page shows an experiment once: name one of them`,
      );
    const plans = traces.length === 0 ? [] : await plansOf(traces, values, effects);
    const out = textOption(values, "out") ?? "out/report";
    makeFolder(out);
    const file = join(out, "index.html");
    replaceFile(
      file,
      renderPage({
        title: textOption(values, "title") ?? "reuselab results",
        intro:
          results.length === 0
            ? "What each system computes, loads, prunes and stores, iteration by iteration."
            : "What the papers say beside what we got, with the largest value any policy could reach.",
        results,
        plans,
        script: await pageScript(),
      }),
    );
    effects.stdout(`${file}\n`);
    return 0;
  },
};

async function plansOf(paths: readonly string[], values: OptionValues, effects: Effects): Promise<readonly PlanView[]> {
  const plugIns = await plugInsOf(values);
  const isChosen = [values["system"], values["planner"], values["materializer"]].some(
    (value) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  const systems = chooseSystems(isChosen ? values : { ...values, system: "helix,keystoneml" }, plugIns);
  const budget = parseBudget(textOption(values, "budget") ?? "none");
  const accounting = accountingOf(textOption(values, "accounting") ?? "uniform");
  const plans: PlanView[] = [];
  for (const trace of await openTraces(paths, effects, values))
    plans.push(
      await simulatePlans({
        trace,
        systems,
        budget,
        settings: (system) => ({ ...plugInParts(system, plugIns), accounting }),
        signal: effects.signal,
      }),
    );
  return plans;
}

function accountingOf(name: string): Accounting {
  const found = accountings.find((accounting) => accounting === name);
  if (found === undefined)
    throw new UsageError(`--accounting "${name}": is unknown; expected one of ${accountings.join(", ")}`);
  return found;
}
