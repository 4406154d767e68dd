import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { UsageError } from "../core/errors.ts";
import { parseDurationUs } from "../core/units.ts";
import type { Command, Effects, OptionValues } from "./command.ts";

/** Outcome of one check. */
interface CheckResult {
  readonly check: string;
  readonly status: "held" | "failed" | "timed out";
  readonly message?: string;
}

/** `reuselab conform FILE…`: runs the contract battery of each plug-in in a process of its own. */
export const command: Command = {
  name: "conform",
  summary: "check a plug-in against the contract of its kind",
  arguments: "<file...>",
  options: [
    { flags: "--timeout <time>", description: "longest that one check may take", default: "60s" },
    { flags: "--seed <n>", description: "of the random problems", default: "1" },
    {
      flags: "--inside",
      description: "run the checks in this process, one JSON line each (used by the command itself)",
    },
  ],
  run,
};

async function run(
  input: { readonly values: OptionValues; readonly positionals: readonly string[] },
  effects: Effects,
): Promise<number> {
  const { values, positionals } = input;
  const seed = Number(values["seed"]);
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed "${String(values["seed"])}": expected an integer`);
  if (values["inside"] === true) return inside(positionals[0] ?? "", seed, effects);
  const timeoutMs = parseDurationUs(String(values["timeout"])) / 1000;
  const results: (CheckResult & { readonly file: string })[] = [];
  for (const file of positionals)
    for (const result of await outside(file, seed, timeoutMs, effects)) results.push({ file, ...result });
  const failed = results.filter(({ status }) => status !== "held");
  if (values["format"] === "json")
    effects.stdout(`${JSON.stringify({ conforms: failed.length === 0, checks: results })}\n`);
  else {
    for (const { check, status, message } of results)
      effects.stdout(
        `${status === "held" ? "ok  " : "FAIL"} ${check}${message === undefined ? "" : `\n     ${message.replaceAll("\n", "\n     ")}`}\n`,
      );
    effects.stdout(
      failed.length === 0
        ? `all ${results.length} checks held\n`
        : `${failed.length} of ${results.length} checks failed\n`,
    );
  }
  return failed.length === 0 ? 0 : 1;
}

/** Runs the checks here and reports each as it starts and ends. */
async function inside(file: string, seed: number, effects: Effects): Promise<number> {
  const { loadPlugIn } = await import("../harness/plug-ins/load.ts");
  const { conformChecks } = await import("../harness/plug-ins/conform.ts");
  const checks = await conformChecks(await loadPlugIn(file), seed);
  if (checks.length === 0) throw new UsageError(`conform ${file}: brings no plug-in; export one, or an array of them`);
  for (const { title, check } of checks) {
    effects.stdout(`${JSON.stringify({ started: title })}\n`);
    let message: string | undefined;
    try {
      await check();
    } catch (error) {
      message = failureText(error);
    }
    const result: CheckResult =
      message === undefined ? { check: title, status: "held" } : { check: title, status: "failed", message };
    effects.stdout(`${JSON.stringify(result)}\n`);
  }
  effects.stdout(`${JSON.stringify({ ended: true })}\n`);
  return 0;
}

/** Runs the checks in a child, which is killed when one of them takes too long. */
function outside(file: string, seed: number, timeoutMs: number, effects: Effects): Promise<readonly CheckResult[]> {
  return new Promise((resolve, reject) => {
    const script = process.argv[1] ?? "";
    const child = spawn(
      process.execPath,
      [...process.execArgv, script, "conform", file, "--inside", "--seed", `${seed}`],
      {
        stdio: ["ignore", "pipe", "pipe"],
        signal: effects.signal,
      },
    );
    const results: CheckResult[] = [];
    let current: string | undefined;
    let isWhole = false;
    let errors = "";
    let isTimedOut = false;
    const expire = (): void => {
      isTimedOut = true;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(expire, timeoutMs + 10_000);
    createInterface({ input: child.stdout }).on("line", (line) => {
      clearTimeout(timer);
      timer = setTimeout(expire, timeoutMs);
      const told = toldBy(line);
      if (told === undefined) return;
      if ("ended" in told) isWhole = true;
      else if ("started" in told) current = told.started;
      else {
        current = undefined;
        results.push(told);
      }
    });
    child.stderr.on("data", (data: Buffer) => {
      errors += data.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      if (isTimedOut)
        results.push({
          check: current ?? `${file}: loading`,
          status: "timed out",
          message: `not done within ${timeoutMs / 1000} s; the process was ended and later checks were not run`,
        });
      else if (code === 2 && current === undefined && results.length === 0) {
        reject(new UsageError(errors.trim().replace(/^reuselab: /u, "")));
        return;
      } else if (!isWhole)
        results.push({
          check: current ?? `${file}: loading`,
          status: "failed",
          message: `the process ended with ${code === null ? "no code" : `code ${code}`} before its checks were done; ${endOf(errors)}`,
        });
      resolve(results);
    });
  });
}

/** What a line of the child tells; undefined for what the plug-in printed itself. */
function toldBy(line: string): CheckResult | { readonly started: string } | { readonly ended: true } | undefined {
  try {
    const told = JSON.parse(line.slice(Math.max(0, line.indexOf('{"')))) as unknown;
    const isOurs =
      typeof told === "object" && told !== null && ["check", "started", "ended"].some((name) => name in told);
    return isOurs ? (told as CheckResult) : undefined;
  } catch {
    return undefined;
  }
}

/** What a process that ended said last. */
function endOf(errors: string): string {
  if (/heap out of memory/u.test(errors)) return "it needed more memory than there is";
  const text = errors.trim().split("\n").slice(0, 5).join("\n");
  return text === "" ? "it was ended from inside, or killed" : text;
}

/** What went wrong, then the smallest counter-example; the property library keeps the first in its `cause`. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const counterexample = error.message.split("\n\nHint")[0] ?? "";
  if (error.cause === undefined) return counterexample;
  const cause = error.cause instanceof Error ? error.cause.message : `threw ${JSON.stringify(error.cause)}`;
  return `${cause}\n${counterexample}`;
}
