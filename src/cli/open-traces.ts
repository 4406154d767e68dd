import { UsageError } from "../core/errors.ts";
import type { Effects, OptionValues } from "./command.ts";
import { openProgress } from "./progress.ts";
import { openTrace, type OpenedTrace } from "./simulate-traces.ts";

/** Opens and checks trace files. @throws {TraceFormatError} */
export async function openTraces(
  paths: readonly string[],
  effects: Effects,
  values: OptionValues,
): Promise<readonly OpenedTrace[]> {
  if (paths.length === 0) throw new UsageError("simulate: no trace given; expected one or more trace files");
  const progress = openProgress(effects, values, "checking traces", paths.length);
  const traces: OpenedTrace[] = [];
  try {
    for (const path of paths)
      traces.push(
        await openTrace(path, (iteration) => {
          effects.signal.throwIfAborted();
          progress.update(traces.length, `${path} iteration ${iteration}`);
        }),
      );
  } finally {
    progress.stop();
  }
  return traces;
}
