/** What a command may touch of the outside; `main.ts` makes the real one, tests make their own. */
export interface Effects {
  /** Data. */
  stdout(text: string): void;
  /** Progress and log. */
  stderr(text: string): void;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
  /** stderr is a terminal that can show a progress bar. */
  readonly isTerminal: boolean;
}

/** An option in commander's spelling, for example `--planner <id>`; repeatable ones collect into an array. */
export interface OptionSpec {
  readonly flags: string;
  readonly description: string;
  readonly default?: string | boolean;
  readonly repeatable?: true;
}

/** Parsed options by camel-cased long name. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** One command: its own file in this folder, exported as `command`, lazily imported by `main.ts`. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments in commander's spelling, for example `<file>` or `[trace...]`. */
  readonly arguments?: string;
  readonly options: readonly OptionSpec[];
  /** Keeps nothing on disk in its course: with a plug-in, which may never return, Ctrl-C ends the process there and then. */
  readonly endsAtOnce?: true;
  /** @returns the exit code (DESIGN §5.4); expected failures are thrown as ReuseError and become exit 2 or 3 in main */
  run(
    input: { readonly values: OptionValues; readonly positionals: readonly string[] },
    effects: Effects,
  ): Promise<number>;
}
