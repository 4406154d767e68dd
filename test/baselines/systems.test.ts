import { describe, expect, test } from "vitest";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../src/algorithms/reuse/index.ts";
import { defaultSystems, pairSystem, systemById, systemIds, systems } from "../../src/baselines/index.ts";
import { defaultSwitches, type SystemSpec } from "../../src/core/system.ts";

describe("the systems", () => {
  test.each(Object.values<SystemSpec>(systems))("$id names parts that exist", ({ id, planner, materializer }) => {
    expect(systemById(id)?.id).toBe(id);
    expect(reusePlannerById(planner)).toBeDefined();
    expect(materializerById(materializer)).toBeDefined();
  });

  test("are those of the table, with the switches that make them what they are", () => {
    const table = Object.values<SystemSpec>(systems).map(({ id, planner, materializer, switches }) => {
      const own = Object.entries(switches).filter(
        ([name, value]) =>
          JSON.stringify(value) !== JSON.stringify(defaultSwitches[name as keyof typeof defaultSwitches]),
      );
      return [id, reusePlannerById(planner)?.exact === true ? "exact" : planner, materializer, Object.fromEntries(own)];
    });
    expect(table).toEqual([
      ["naive", "compute-all", "never", { slicing: false, mergeEqual: false }],
      ["none-fused", "compute-all", "never", { fusedWhole: true }],
      ["keystoneml", "compute-all", "never", { inRunCache: "greedy" }],
      ["keystoneml-aggressive", "compute-all", "never", { inRunCache: "aggressive" }],
      ["keystoneml-nocache", "compute-all", "never", { inRunCache: "none" }],
      [
        "deepdive",
        "downstream-of-change",
        "always",
        { endsBefore: ["li", "ppr"], materializeKinds: ["dpr"], noBudget: true },
      ],
      ["helix", "exact", "helix-online", { purge: "original" }],
      ["helix-demo", "exact", "helix-demo", {}],
      ["helix-am", "exact", "always", { purge: "original" }],
      ["helix-nm", "exact", "never", { purge: "original" }],
      ["collab", "linear-pass", "collab-storage-aware", {}],
      ["collab-utility", "linear-pass", "collab-utility", {}],
      ["collab-helix", "exact", "helix-collab", {}],
      ["all", "exact", "always", { noBudget: true }],
    ]);
  });

  test("only KeystoneML lacks structured prediction", () => {
    const lacking = Object.values<SystemSpec>(systems).filter(({ lacks }) => lacks?.includes("structured-prediction"));
    expect(lacking.map(({ id }) => id)).toEqual(["keystoneml", "keystoneml-aggressive", "keystoneml-nocache"]);
  });

  test("all run by default, but an interactive session only by its name; a pair is called P+M", () => {
    expect(defaultSystems.map(({ id }) => id)).toEqual(systemIds);
    expect(systemById("collab-interactive")?.switches.localPruning).toBe(true);
    expect(systemIds).not.toContain("collab-interactive");
    expect(pairSystem("linear-pass", "always")).toMatchObject({ id: "linear-pass+always", switches: defaultSwitches });
    expect(systemById("constructor")).toBeUndefined();
  });
});
