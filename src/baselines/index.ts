/**
 * The systems as data (DESIGN §2): a planner, a materializer and switches each. Command line, documentation and tests read
 * this registry; a new system is one entry.
 */
import { reusePlannerById } from "../algorithms/reuse/index.ts";
import { defaultSwitches, type Switches, type SystemSpec } from "../core/system.ts";

/** The fastest exact planner there is. */
const exactPlanner = reusePlannerById("exact") === undefined ? "max-flow" : "exact";

const collab = "Derakhshan et al., SIGMOD 2020";
const deepDive = "Shin et al., DeepDive, PVLDB 2015";
const helixDemo = "Xin et al., HELIX demonstration, PVLDB 2018";
const helixPaper = "Xin et al., HELIX, PVLDB 2018";
const keystone = "Sparks et al., KeystoneML, ICDE 2017";

function system(
  id: string,
  title: string,
  parts: {
    readonly source?: string;
    readonly planner: string;
    readonly materializer: string;
    readonly lacks?: readonly string[];
  },
  switches: Partial<Switches> = {},
): SystemSpec {
  return { id, title, ...parts, switches: { ...defaultSwitches, ...switches } };
}

const rerun = { planner: "compute-all", materializer: "never" } as const;
const keystoneParts = { ...rerun, source: keystone, lacks: ["structured-prediction"] } as const;

const naive = system("naive", "Naive rerun", rerun, { slicing: false, mergeEqual: false });
const noneFused = system("none-fused", "No reuse, fused by the engine", rerun, { fusedWhole: true });
const keystoneGreedy = system("keystoneml", "KeystoneML, greedy caching", keystoneParts, { inRunCache: "greedy" });
const keystoneAggressive = system("keystoneml-aggressive", "KeystoneML, aggressive caching", keystoneParts, {
  inRunCache: "aggressive",
});
const keystoneNone = system("keystoneml-nocache", "KeystoneML without caching", keystoneParts, { inRunCache: "none" });
const deepdive = system(
  "deepdive",
  "DeepDive",
  { source: deepDive, planner: "downstream-of-change", materializer: "always" },
  { materializeKinds: ["dpr"], endsBefore: ["li", "ppr"], noBudget: true },
);
const helix = system(
  "helix",
  "HELIX",
  { source: helixPaper, planner: exactPlanner, materializer: "helix-online" },
  { purge: "original" },
);
const helixDemoSystem = system("helix-demo", "HELIX, demo rule", {
  source: helixDemo,
  planner: exactPlanner,
  materializer: "helix-demo",
});
const helixAlways = system(
  "helix-am",
  "HELIX, always materialize",
  { source: helixPaper, planner: exactPlanner, materializer: "always" },
  { purge: "original" },
);
const helixNever = system(
  "helix-nm",
  "HELIX, never materialize",
  { source: helixPaper, planner: exactPlanner, materializer: "never" },
  { purge: "original" },
);
const collabSystem = system("collab", "Collaborative Optimizer, storage-aware", {
  source: collab,
  planner: "linear-pass",
  materializer: "collab-storage-aware",
});
const collabUtility = system("collab-utility", "Collaborative Optimizer, utility-based", {
  source: collab,
  planner: "linear-pass",
  materializer: "collab-utility",
});
const collabInteractive = system(
  "collab-interactive",
  "Collaborative Optimizer, storage-aware, in one interactive session",
  { source: collab, planner: "linear-pass", materializer: "collab-storage-aware" },
  { localPruning: true },
);
const collabHelix = system("collab-helix", "HELIX in the Collaborative Optimizer", {
  source: collab,
  planner: "max-flow",
  materializer: "helix-collab",
});
const all = system(
  "all",
  "Everything stored",
  { source: collab, planner: "max-flow", materializer: "always" },
  { noBudget: true },
);

/** Every built-in system by id. */
export const systems = {
  naive,
  "none-fused": noneFused,
  keystoneml: keystoneGreedy,
  "keystoneml-aggressive": keystoneAggressive,
  "keystoneml-nocache": keystoneNone,
  deepdive,
  helix,
  "helix-demo": helixDemoSystem,
  "helix-am": helixAlways,
  "helix-nm": helixNever,
  collab: collabSystem,
  "collab-utility": collabUtility,
  "collab-helix": collabHelix,
  all,
} as const satisfies Readonly<Record<string, SystemSpec>>;

/**
 * Systems that answer to their name alone: one interactive session keeps results in memory from version to version, so no
 * bound on what storage can save holds for it, and it is ranked with no other.
 */
const sessionSystems: Readonly<Record<string, SystemSpec>> = { [collabInteractive.id]: collabInteractive };

/** Id of a built-in system. */
export type SystemId = keyof typeof systems;

/** All ids, in registry order. */
export const systemIds = Object.keys(systems) as readonly SystemId[];

/** What runs when no system is named. */
export const defaultSystems: readonly SystemSpec[] = Object.values<SystemSpec>(systems);

/** Looks a system up by any text; undefined if there is none of that id. */
export function systemById(id: string): SystemSpec | undefined {
  if (Object.hasOwn(systems, id)) return systems[id as SystemId];
  return Object.hasOwn(sessionSystems, id) ? sessionSystems[id] : undefined;
}

/** The system of a plain planner × materializer pair, called `P+M`. */
export function pairSystem(planner: string, materializer: string): SystemSpec {
  return system(`${planner}+${materializer}`, `${planner} with ${materializer}`, { planner, materializer });
}
