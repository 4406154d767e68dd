/**
 * Coded errors. A message reads *subject: what is wrong with which value; what is expected; what to do*.
 * Anything that is not a {@link ReuseError} is a bug and keeps its stack.
 */

/** Base of every expected failure; `code` is stable and machine-readable. */
export abstract class ReuseError extends Error {
  abstract readonly code: `E_${string}`;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A workflow or problem is not a DAG of known, distinct nodes (cycle, dangling parent, duplicate id, bad cost). */
export class WorkflowError extends ReuseError {
  readonly code = "E_WORKFLOW";
}

/** A planner returned a plan that breaks the rules of DESIGN §5.1; carries the planner's id and the node's index or id. */
export class InfeasiblePlanError extends ReuseError {
  readonly code = "E_INFEASIBLE_PLAN";
  readonly planner: string;
  readonly node: string;
  constructor(planner: string, node: string, message: string) {
    super(`${planner}: ${message}`);
    this.planner = planner;
    this.node = node;
  }
}

/** An instance is larger than a planner or bound accepts; limits are counts, never time. */
export class TooLargeError extends ReuseError {
  readonly code = "E_TOO_LARGE";
}

/** A materializer answered yes to a result that does not fit the rest of the budget. */
export class BudgetError extends ReuseError {
  readonly code = "E_BUDGET";
}

/** A trace or problem file breaks its schema or meaning; names file, line and field where known. */
export class TraceFormatError extends ReuseError {
  readonly code = "E_TRACE_FORMAT";
  readonly file: string;
  readonly line: number | undefined;
  readonly field: string | undefined;
  constructor(at: { file: string; line?: number | undefined; field?: string | undefined }, message: string) {
    super(
      `${at.file}${at.line === undefined ? "" : `:${at.line}`}${at.field === undefined ? "" : `: ${at.field}`}: ${message}`,
    );
    this.file = at.file;
    this.line = at.line;
    this.field = at.field;
  }
}

/** An engine that was asked for is not installed; the message names the package and the command that installs it. */
export class MissingExecutorError extends ReuseError {
  readonly code = "E_MISSING_EXECUTOR";
}

/** An engine failed at run time (query error, lost connection, full disk); the engine's error is the `cause`. */
export class ExecutorError extends ReuseError {
  readonly code = "E_EXECUTOR";
}

/** The result store cannot be used as it is (locked by another writer, newer format, unreadable folder). */
export class StoreError extends ReuseError {
  readonly code = "E_STORE";
}

/** A plug-in threw, timed out or returned something that is not what its interface promises. */
export class PlugInError extends ReuseError {
  readonly code = "E_PLUGIN";
}

/** The command line asks for something unknown or malformed; exit code 2. */
export class UsageError extends ReuseError {
  readonly code = "E_USAGE";
}

/** A data file is not what its data set promises; names file, line and field where known; exit code 2. */
export class DataFormatError extends ReuseError {
  readonly code = "E_DATA_FORMAT";
  constructor(at: { file: string; line?: number; field?: string }, message: string) {
    const line = at.line === undefined ? "" : `:${at.line}`;
    super(`${at.file}${line}${at.field === undefined ? "" : `: ${at.field}`}: ${message}`);
  }
}

/** A download failed or brought something else than expected; nothing is left behind; exit code 3. */
export class DownloadError extends ReuseError {
  readonly code = "E_DOWNLOAD";
}
