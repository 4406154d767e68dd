/** The executor contract on a plug-in's executor, with the smallest part of the example on which a check fails. */
import type { Iteration } from "../../core/iteration.ts";
import { executorContract } from "../../testing/executor-contract.ts";
import { census } from "../../workloads/census/index.ts";
import { prepareDataset } from "../datasets/index.ts";
import { openPlugInHost } from "../execution/plug-in-host.ts";
import type { ConformCheck } from "./conform.ts";
import type { ExecutorPlugIn } from "./loaded.ts";

/** Versions of the built-in example. */
const exampleVersions = 3;

/** Census on a hundredth of its rows. Nodes have costs too, for executors that compute nothing. */
async function censusExample(): Promise<readonly Iteration[]> {
  const data = await prepareDataset("census", { scale: 0.01, seed: 1 });
  return census.versions(data, 1, {}).slice(0, exampleVersions).map(priced);
}

function priced(iteration: Iteration): Iteration {
  const costs = { sizeBytes: 1_000, memoryBytes: 1_000, loadUs: 100, writeUs: 100 };
  const nodes = iteration.nodes.map((node, i) => Object.assign({ computeUs: 1_000 + i, ...costs }, node));
  return { ...iteration, nodes };
}

/** Checks of an executor: what `open` gives, then the contract. */
export async function executorChecks(plugIn: ExecutorPlugIn): Promise<readonly ConformCheck[]> {
  const iterations = plugIn.example?.() ?? (await censusExample());
  const host = await openPlugInHost(plugIn, {});
  const checksOn = (part: readonly Iteration[]): ReturnType<typeof executorContract> =>
    executorContract({ id: plugIn.id, open: () => host.open({ profile: "hot" }), iterations: part });
  return [
    {
      title: `${plugIn.id}: opens, with every method an executor has`,
      check: async () => {
        const executor = await host.open({ profile: "hot" });
        await executor.close();
      },
    },
    ...checksOn(iterations).map(({ title, check }, i) => ({
      title,
      check: async () => {
        try {
          await check();
        } catch (error) {
          throw await smallest(iterations, error, (part) => checksOn(part)[i]!.check());
        }
      },
    })),
  ];
}

/** The failure on the fewest first nodes of each version that fail, said with those nodes. */
async function smallest(
  iterations: readonly Iteration[],
  failure: unknown,
  check: (part: readonly Iteration[]) => void | Promise<void>,
): Promise<Error> {
  const most = Math.max(...iterations.map(({ nodes }) => nodes.length));
  for (let count = 1; count < most; count++) {
    const part = iterations.map((version) => ({ ...version, nodes: version.nodes.slice(0, count) }));
    try {
      await check(part);
    } catch (error) {
      const shown = part[0]!.nodes.map(({ id, op }) => `${id} (${op})`).join(", ");
      return new Error(`Counterexample: the first ${count} nodes of each version: ${shown}`, { cause: asError(error) });
    }
  }
  return asError(failure);
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
