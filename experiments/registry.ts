/** Every experiment, in the order of reports. One file and one line here per experiment. */
import type { Experiment } from "../src/harness/experiment.ts";
import { arena } from "./arena.ts";
import { bandwidthCurve } from "./bandwidth-curve.ts";
import { budgetCurve } from "./budget-curve.ts";
import { censusDist } from "./census-dist.ts";
import { changeMix } from "./change-mix.ts";
import { collabAlpha } from "./collab-alpha.ts";
import { collabDimensions } from "./collab-dimensions.ts";
import { collabOverhead } from "./collab-overhead.ts";
import { collabQuality } from "./collab-quality.ts";
import { collabRepeat } from "./collab-repeat.ts";
import { collabReuse } from "./collab-reuse.ts";
import { collabReuseKaggle } from "./collab-reuse-kaggle.ts";
import { collabReusePlanning } from "./collab-reuse-planning.ts";
import { collabRunTime } from "./collab-run-time.ts";
import { collabSequence } from "./collab-sequence.ts";
import { collabSpeedUp } from "./collab-speed-up.ts";
import { collabStoredSize } from "./collab-stored-size.ts";
import { collabWarmStart } from "./collab-warm-start.ts";
import { demoFig2a } from "./demo-fig2a.ts";
import { demoFig2b } from "./demo-fig2b.ts";
import { hilmlFig4 } from "./hilml-fig4.ts";
import { linearGap } from "./linear-gap.ts";
import { plannerBreakEven } from "./planner-break-even.ts";
import { plannerCumulative } from "./planner-cumulative.ts";
import { plannerGap } from "./planner-gap.ts";
import { plannerKernel } from "./planner-kernel.ts";
import { plannerMany } from "./planner-many.ts";
import { plannerMemory } from "./planner-memory.ts";
import { plannerOverhead } from "./planner-overhead.ts";
import { plannerReplan } from "./planner-replan.ts";
import { plannerWorth } from "./planner-worth.ts";
import { scaleLadder } from "./scale-ladder.ts";
import { seedSweep } from "./seeds.ts";

/** Groups that `reproduce` knows besides ids and `all`. */
export const experimentGroups = ["demo", "hilml", "vldb", "collab", "planner"] as const;

/** Address of this module, for worker threads that load experiments themselves. */
export const registryUrl: string = import.meta.url;

/** The registry. */
export const experiments: readonly Experiment[] = [
  demoFig2a,
  demoFig2b,
  censusDist,
  hilmlFig4,
  scaleLadder,
  changeMix,
  arena,
  budgetCurve,
  bandwidthCurve,
  seedSweep,
  collabDimensions,
  collabRepeat,
  collabSequence,
  collabStoredSize,
  collabRunTime,
  collabSpeedUp,
  collabReuseKaggle,
  collabReusePlanning,
  collabQuality,
  collabAlpha,
  collabReuse,
  collabOverhead,
  collabWarmStart,
  linearGap,
  plannerOverhead,
  plannerCumulative,
  plannerGap,
  plannerKernel,
  plannerMemory,
  plannerReplan,
  plannerWorth,
  plannerBreakEven,
  plannerMany,
];
