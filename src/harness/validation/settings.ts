/** What real runs are made of: systems and parameter settings, at several budgets. */
import { pairSystem, systemById } from "../../baselines/index.ts";
import { UsageError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { SystemSpec } from "../../core/system.ts";
import { budgetBytesOf, parseBudget } from "../../core/units.ts";
import type { StorageProfile } from "../../executors/store/storage-profile.ts";
import type { ValidationCell } from "./compared-cells.ts";

/** A system with parameters of its plug-ins. */
export interface Setting {
  readonly id: string;
  readonly system: SystemSpec;
  /** By plug-in id. */
  readonly params: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** It stores results, so that the budget matters to it. */
  readonly stores: boolean;
}

function known(id: string): SystemSpec {
  const system = systemById(id);
  if (system === undefined) throw new Error(`the registry lacks system ${id}`);
  return system;
}

function setting(
  id: string,
  system: SystemSpec,
  params: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Setting {
  return { id, system, params: new Map(Object.entries(params)), stores: system.materializer !== "never" };
}

/** Systems and parameter settings that are run, those that store nothing last. */
export const settings: readonly Setting[] = [
  setting("helix", known("helix")),
  setting("helix/factor=1", known("helix"), { "helix-online": { factor: 1 } }),
  setting("helix/factor=8", known("helix"), { "helix-online": { factor: 8 } }),
  setting("helix-demo", known("helix-demo")),
  setting("helix-demo/factor=1", known("helix-demo"), { "helix-demo": { factor: 1 } }),
  setting("helix-am", known("helix-am")),
  setting("linear-pass+helix-online", pairSystem("linear-pass", "helix-online")),
  setting("collab", known("collab")),
  setting("collab-utility", known("collab-utility")),
  setting("collab-helix", known("collab-helix")),
  setting("keystoneml", known("keystoneml")),
  setting("none-fused", known("none-fused")),
  setting("naive", known("naive")),
];

/** Settings by id, in the order of {@link settings}. @throws {UsageError} for an unknown one */
export function settingsOf(ids: readonly string[]): readonly Setting[] {
  const all = settings.map(({ id }) => id);
  for (const id of ids)
    if (!all.includes(id))
      throw new UsageError(`--setting "${id}": is unknown; expected one of ${nearest(id, all).join(", ")}`);
  return ids.length === 0 ? settings : settings.filter(({ id }) => ids.includes(id));
}

/** A cell that can be run: what it is called, and what that means. */
export interface RunnableCell extends ValidationCell {
  readonly profile: StorageProfile;
  readonly settings: Setting;
  /** null = no limit. */
  readonly budgetBytes: number | null;
}

/** What the grid of cells is made from. */
export interface CellGrid {
  readonly executor: string;
  readonly settings: readonly Setting[];
  /** `10%` (of all distinct intermediate bytes), `1MB` or `none`. */
  readonly budgets: readonly string[];
  readonly intermediateBytes: number;
  /** Profile of the calibrated runs, and the one held out; that one is run at the last budget only. */
  readonly profile: StorageProfile;
  readonly heldOutProfile: StorageProfile | undefined;
}

/** All cells: settings that store results at every budget, the others once, at the last budget. */
export function cellsOf(grid: CellGrid): readonly RunnableCell[] {
  const { executor, budgets, intermediateBytes, profile, heldOutProfile } = grid;
  const at = (profile: StorageProfile, budgets: readonly string[]): readonly RunnableCell[] =>
    grid.settings.flatMap((settings) =>
      (settings.stores ? budgets : budgets.slice(-1)).map((budget) => ({
        id: `${executor} ${profile} ${settings.id} ${budget}`,
        executor,
        profile,
        setting: settings.id,
        settings,
        budget,
        budgetBytes: budgetBytesOf(parseBudget(budget), intermediateBytes),
      })),
    );
  return [...at(profile, budgets), ...(heldOutProfile === undefined ? [] : at(heldOutProfile, budgets.slice(-1)))];
}
