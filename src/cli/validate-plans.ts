import { checkCertificate } from "../core/certificate.ts";
import { TraceFormatError, UsageError } from "../core/errors.ts";
import { validatePlan } from "../core/plan.ts";
import { parsePlan } from "../core/problem-format.ts";
import type { Effects } from "./command.ts";
import { renderRecords } from "./print-records.ts";
import { originOf, readDocuments, readProblems } from "./problem-input.ts";

/**
 * `reuselab validate PLANS --problems PROBLEMS`: every plan is legal, costs what it says, and its certificate, if it has one,
 * proves it optimal. Plan k belongs to problem k.
 *
 * @throws {TraceFormatError} at the first plan that is not so
 */
export async function validatePlans(
  problemFile: string,
  planFiles: readonly string[],
  effects: Effects,
  format: unknown,
): Promise<number> {
  const [planFile] = planFiles;
  if (planFile === undefined || planFiles.length > 1)
    throw new UsageError("validate --problems: expected exactly one file of plans");
  if (planFile === "-" && problemFile === "-") throw new UsageError("validate: only one of both files can be stdin");
  const plans = readDocuments(planFile, effects.stdin);
  let count = 0;
  let proved = 0;
  for await (const { problem: named, line } of readProblems(problemFile, effects.stdin)) {
    effects.signal.throwIfAborted();
    const next = await plans.next();
    if (next.done === true)
      throw new TraceFormatError(originOf(planFile, undefined), `ends after ${count} plans; expected one per problem`);
    const origin = originOf(planFile, next.value.line);
    const { planner, plan, certificate } = parsePlan(next.value.text, origin, named);
    const nameOf = (v: number): string => named.ids[v] ?? `${v}`;
    try {
      validatePlan(planner, named.problem, plan, nameOf);
    } catch (error) {
      throw new TraceFormatError(origin, error instanceof Error ? error.message : String(error));
    }
    count++;
    if (certificate === undefined) continue;
    const wrong = checkCertificate(named.problem, plan.costUs, certificate, nameOf);
    if (wrong !== undefined)
      throw new TraceFormatError(
        { ...origin, field: "certificate" },
        `${wrong}; it does not prove the plan of problem ${line ?? 1} optimal`,
      );
    proved++;
  }
  const rest = await plans.next();
  if (rest.done !== true)
    throw new TraceFormatError(
      originOf(planFile, rest.value.line),
      `has more plans than there are problems (${count})`,
    );
  if (format === undefined || format === "table")
    effects.stdout(`${planFile}: OK, ${count} plans, ${proved} proved optimal\n`);
  else
    effects.stdout(
      renderRecords(
        [{ file: planFile, kind: "plans", plans: count, proved, ok: true }],
        ["file", "kind", "plans", "proved", "ok"],
        format,
      ),
    );
  return 0;
}
