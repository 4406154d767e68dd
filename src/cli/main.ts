#!/usr/bin/env node
import { readFileSync, writeSync } from "node:fs";
import { Command as Program, CommanderError, Option } from "commander";
import type { Command, Effects, OptionValues } from "./command.ts";
import { commandEntries, type CommandEntry } from "./commands.ts";
import { exitCodeOf, messageOf } from "./exit-code.ts";

const formats = ["table", "json", "ndjson", "csv", "md"];

function packageVersion(): string {
  for (const up of ["../../package.json", "../../../package.json"]) {
    try {
      const found = JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (found.name === "reuselab" && found.version !== undefined) return found.version;
    } catch {
      // not there: sources and build lie at different depths
    }
  }
  return "0.0.0";
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function declare(
  program: Program,
  command: Command,
  act: (values: OptionValues, positionals: string[]) => Promise<void>,
): void {
  const sub = program.command(command.name).description(command.summary).exitOverride();
  if (command.arguments !== undefined) for (const name of command.arguments.split(" ")) sub.argument(name);
  for (const spec of command.options) {
    const option = new Option(spec.flags, spec.description);
    if (spec.default !== undefined) option.default(spec.default);
    if (spec.repeatable === true) option.argParser(collect);
    sub.addOption(option);
  }
  const known = new Set(sub.options.map((option) => option.long));
  if (!known.has("--format"))
    sub.addOption(new Option("--format <format>", "how data is printed").choices(formats).default("table"));
  if (!known.has("--progress"))
    sub.addOption(
      new Option("--progress <mode>", "progress on stderr").choices(["auto", "plain", "none"]).default("auto"),
    );
  if (!known.has("--quiet")) sub.option("--quiet", "nothing on stderr but errors");
  sub.allowExcessArguments(command.arguments?.includes("...") ?? false);
  sub.action(async () => act(sub.opts(), sub.args));
}

function realEffects(signal: AbortSignal): Effects {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    stdin: process.stdin,
    env: process.env,
    signal,
    isTerminal: process.stderr.isTTY,
  };
}

/** A plug-in called `process.exit`: its code must not be taken for ours. */
function endedEarly(): void {
  writeSync(2, "reuselab: a plug-in ended the process; finished results are kept\n");
  process.exitCode = 3;
}

/** Runs one command line; @returns the exit code of DESIGN §5.4. */
export async function main(
  argv: readonly string[],
  entries: readonly CommandEntry[] = commandEntries,
): Promise<number> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) {
      process.off("exit", endedEarly);
      process.exit(130);
    }
    abort.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const letGo = (): void => {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  };
  const effects = realEffects(abort.signal);
  const program = new Program("reuselab")
    .description("Which intermediate results should be stored, and which loaded, recomputed or skipped next time?")
    .version(packageVersion(), "--version")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showSuggestionAfterError(true)
    .enablePositionalOptions();
  let exitCode = 0;
  const wanted = argv.find((argument) => !argument.startsWith("-"));
  const entry = entries.find(({ name }) => name === wanted);
  try {
    for (const { name, summary } of entries) if (name !== entry?.name) program.command(name).description(summary);
    if (entry !== undefined) {
      const command = await entry.load();
      declare(program, command, async (values, positionals) => {
        if (values["plugin"] !== undefined) process.on("exit", endedEarly);
        if (command.endsAtOnce === true && values["plugin"] !== undefined) letGo();
        exitCode = await command.run({ values, positionals }, effects);
      });
    }
    if (argv.length === 0) {
      effects.stderr(program.helpInformation());
      return 2;
    }
    await program.parseAsync([...argv], { from: "user" });
    return abort.signal.aborted ? 130 : exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (abort.signal.aborted) {
      effects.stderr("interrupted; finished results are kept\n");
      return 130;
    }
    effects.stderr(`${messageOf(error)}\n`);
    return exitCodeOf(error);
  } finally {
    letGo();
    process.off("exit", endedEarly);
  }
}

function isEntryPoint(): boolean {
  const script = process.argv[1];
  return script !== undefined && /(?:cli[\\/]main\.[jt]s|bin[\\/]reuselab)$/u.test(script);
}

if (isEntryPoint()) {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const code = await main(process.argv.slice(2));
  process.exitCode = code;
}
