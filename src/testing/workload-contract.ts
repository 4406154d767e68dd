/** What every workload must do, as named checks free of any test runner. */
import { changeTypes } from "../core/iteration.ts";
import type { SourceOp } from "../core/operators.ts";
import type { Workload, WorkloadData } from "../core/workload.ts";
import { defaultSwitches } from "../core/system.ts";
import { prepareVersion } from "../simulator/prepare.ts";
import type { ContractCheck } from "./planner-contract.ts";

/** Data that exist by name only: a workload may look at its sources, not into them. */
function placeholderData(dataset: string): WorkloadData {
  const source = (name: string): SourceOp => ({
    op: "source",
    dataset,
    fingerprint: `fingerprint of ${name}`,
    files: [],
  });
  const sources = new Proxy<Record<string, SourceOp>>(
    {},
    {
      get: (_, name) => (typeof name === "string" ? source(name) : undefined),
      has: () => true,
    },
  );
  return { sources };
}

/**
 * The battery: at least one version, the first of them `initial`, iterations numbered 0, 1, 2 …, every version a DAG with
 * parents first and an output, every node signed, equal seeds equal versions, and a base that has been run.
 */
export function workloadContract<P>(workload: Workload<P>): readonly ContractCheck[] {
  const params = (workload.params?.parse({}) ?? {}) as P;
  const versions = (seed: number) => workload.versions(placeholderData(workload.dataset), seed, params);
  const fail = (message: string): never => {
    throw new Error(`${workload.id}: ${message}`);
  };
  const stripped = (seed: number): string =>
    JSON.stringify(
      versions(seed).map(({ nodes, ...rest }) => [
        rest,
        nodes.map(({ id, signature, parents }) => [id, signature, parents]),
      ]),
    );
  return [
    {
      title: `${workload.id}: versions are numbered from 0, the first is the initial one`,
      check: () => {
        const all = versions(1);
        if (all.length === 0) fail("has no version");
        for (const [i, version] of all.entries()) {
          if (version.iteration !== i) fail(`version ${i} says it is iteration ${version.iteration}`);
          if (!changeTypes.includes(version.changeType)) fail(`version ${i} has change type "${version.changeType}"`);
          if ((version.changeType === "initial") !== (i === 0))
            fail(`version ${i} has change type "${version.changeType}"; only the first is initial`);
          if (version.base !== undefined && (version.base < 0 || version.base >= Math.max(1, i)))
            fail(`version ${i} was edited from ${version.base}, which has not been run`);
        }
      },
    },
    {
      title: `${workload.id}: every version is a DAG with parents first, operators, signatures and an output`,
      check: () => {
        for (const version of versions(1)) {
          const signatures = Int32Array.from(version.nodes, (_, i) => i);
          prepareVersion(version, signatures, { ...defaultSwitches, mergeEqual: false });
          if (version.nodes.length === 0) fail(`version ${version.iteration} has no node`);
          for (const node of version.nodes) {
            if (node.operator === undefined) fail(`node "${node.id}" of version ${version.iteration} has no operator`);
            if (node.signature === "") fail(`node "${node.id}" of version ${version.iteration} is not signed`);
          }
        }
      },
    },
    {
      title: `${workload.id}: the same seed gives the same versions`,
      check: () => {
        for (const seed of [1, 2])
          if (stripped(seed) !== stripped(seed))
            fail(`seed ${seed} gives other versions the second time; draw from core/rng with the seed`);
      },
    },
  ];
}
