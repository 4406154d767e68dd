import type { Command } from "../../src/cli/command.ts";
import { exitCodeOf, messageOf } from "../../src/cli/exit-code.ts";

/** What a command left behind. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as `main.ts` does, with what it prints collected instead of printed. */
export async function runCommand(
  command: Command,
  positionals: readonly string[],
  values: Readonly<Record<string, string | boolean | readonly string[]>> = {},
): Promise<CommandOutcome> {
  let stdout = "";
  let stderr = "";
  const effects = {
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
    stdin: (async function* (): AsyncGenerator<string> {})(),
    env: {},
    signal: new AbortController().signal,
    isTerminal: false,
  };
  try {
    const code = await command.run({ values: { format: "table", progress: "auto", ...values }, positionals }, effects);
    return { code, stdout, stderr };
  } catch (error) {
    return { code: exitCodeOf(error), stdout, stderr: `${stderr}${messageOf(error)}\n` };
  }
}
