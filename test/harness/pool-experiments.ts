import { defineExperiment, type Experiment } from "../../src/harness/experiment.ts";

const draws = defineExperiment({
  id: "draws",
  title: "Draws",
  reproduces: "",
  params: { n: [1, 2, 3, 4, 5, 6] },
  async *run({ n }, context) {
    const draw = context.rng(`n/${n}`);
    for (let i = 0; i < n; i++) yield await Promise.resolve({ i, value: draw() });
  },
});

const troubles = defineExperiment({
  id: "troubles",
  title: "Cells that misbehave",
  reproduces: "",
  params: { trouble: ["none", "throw", "exit", "memory", "loop"] },
  async *run({ trouble }) {
    if (trouble === "throw") throw new Error("no");
    if (trouble === "exit") process.exit(3);
    if (trouble === "memory") for (const held: number[][] = []; ;) held.push(Array.from({ length: 10_000 }, Math.sqrt));
    if (trouble === "loop") for (;;);
    yield await Promise.resolve({ fine: true });
  },
});

/** Experiments that worker threads of the tests load by address. */
export const poolExperiments: readonly Experiment[] = [draws, troubles];
