import type { LearningRequest } from "../relational/learning-steps.ts";
import type { Step } from "../relational/steps.ts";

/** One call of the engine or the file system, as the executor makes it; `sql` builds the statement for a file's path. */
export type EngineCall =
  | Exclude<Step, LearningRequest>
  | { readonly kind: "write" | "load"; readonly key: string; readonly sql: (path: string) => string }
  | { readonly kind: "write-text"; readonly key: string; readonly text: string }
  | { readonly kind: "load-text" | "evict"; readonly key: string };

/** Told of every call before it is made; benchmarks replay them without the harness. */
export type EngineLog = (call: EngineCall) => void;
