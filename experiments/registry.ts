/** Every experiment, in the order of reports. One file and one line here per experiment. */
import type { Experiment } from "../src/harness/experiment.ts";

/** Groups that `reproduce` knows besides ids and `all`. */
export const experimentGroups = ["demo", "hilml", "vldb", "collab"] as const;

/** The registry. */
export const experiments: readonly Experiment[] = [];
