/** What stands beside every comparison: bounds, HELIX with its other purge setting, and who is on the Pareto front. */
import { systems } from "../baselines/index.ts";
import type { SystemSpec } from "../core/system.ts";
import type { IterationReport } from "../simulator/iteration-report.ts";
import { helixKeep } from "./contenders.ts";
import { paramsText, type PartParams } from "./parameters.ts";
import type { Contender, Standing } from "./run-compare.ts";
import type { ReplayTrace } from "./run-replay.ts";

interface Played {
  /** Per workload in the order of playing; null where it did not run whole. */
  readonly totals: (number | null)[];
  readonly bytes: number[];
  planUs: number;
}

const roles: readonly (readonly [string, SystemSpec])[] = [
  ["never", systems["helix-nm"]],
  ["none-fused", systems["none-fused"]],
  ["always", systems["helix-am"]],
  ["no limit", systems.all],
];

/** Collects runs of the two systems and of those that stand beside them, workload by workload. */
export class Standings {
  /** Systems to be run besides the two. */
  readonly bounds: Contender[];
  readonly #tuned = new Map<Contender, Contender>();
  readonly #sides: readonly [Contender, Contender];
  readonly #played = new Map<Contender, Played>();

  constructor(a: Contender, b: Contender) {
    this.#sides = [a, b];
    const isThere = (id: string): boolean => this.#sides.some(({ system }) => system.id === id);
    const twins = [...(isThere("helix") ? [helixKeep] : []), ...(isThere(helixKeep.id) ? [systems.helix] : [])];
    this.bounds = [...roles.map(([, system]) => system), ...twins]
      .filter(({ id }) => !isThere(id))
      .map((system) => ({ system, parts: {} }));
  }

  /** Has one of the two run a second time, with other parameters. */
  addTuned(side: Contender, params: PartParams): void {
    const tuned = { ...side, params };
    this.#tuned.set(tuned, side);
    this.bounds.push(tuned);
  }

  /** Notes a workload of the two systems. */
  add(trace: ReplayTrace, a: readonly IterationReport[], b: readonly IterationReport[]): void {
    this.note(this.#sides[0], trace, a);
    if (this.#sides[1] !== this.#sides[0]) this.note(this.#sides[1], trace, b);
  }

  /** Notes a workload of one of them; every system is noted once per workload. */
  note(one: Contender, trace: ReplayTrace, reports: readonly IterationReport[]): void {
    const played = this.#played.get(one) ?? { totals: [], bytes: [], planUs: 0 };
    this.#played.set(one, played);
    const isWhole = reports.length === trace.iterations.length;
    played.totals.push(isWhole ? (reports.at(-1)?.row.cumulativeUs ?? 0) : null);
    played.bytes.push(Math.max(0, ...reports.map(({ row }) => row.storedBytes)));
    for (const { planUs = 0 } of reports) played.planUs += planUs;
  }

  /** One line per system. */
  table(): readonly Standing[] {
    const never = [...this.#played].find(([{ system }]) => system.id === "helix-nm")?.[1].totals;
    const lines = [...this.#played].map(([one, { totals, bytes, planUs }]): Omit<Standing, "pareto"> => {
      const ran = totals.flatMap((us, i) => (us === null ? [] : [{ us, i }]));
      const totalUs = ran.reduce((sum, { us }) => sum + us, 0);
      const baseUs = ran.reduce<number | null>((sum, { i }) => {
        const base = never?.[i] ?? null;
        return sum === null || base === null ? null : sum + base;
      }, 0);
      return {
        system: one.system.id,
        role: this.#roleOf(one),
        params: paramsText(one.params ?? new Map()),
        workloads: ran.length,
        totalUs,
        saved: baseUs === null || baseUs === 0 ? null : 1 - totalUs / baseUs,
        storedBytes: ran.length === 0 ? 0 : ran.reduce((sum, { i }) => sum + (bytes[i] ?? 0), 0) / ran.length,
        planUs,
      };
    });
    const most = Math.max(0, ...lines.map(({ workloads }) => workloads));
    return lines.map((line): Standing => {
      const rivals = lines.filter(({ workloads }) => workloads === most);
      const pareto = rivals.includes(line) && !rivals.some((other) => dominates(other, line));
      return Object.assign({}, line, { pareto });
    });
  }

  /** Exchanges HELIX for HELIX without purge, if that is faster in the geometric mean of the workloads both ran; else undefined. */
  betterPurge(): ((one: Contender) => Contender) | undefined {
    const keep = [...this.#played].find(([{ system }]) => system === helixKeep)?.[1].totals;
    const purging = [...this.#played].find(([{ system }]) => system === systems.helix);
    if (keep === undefined || purging === undefined || !this.#sides.includes(purging[0])) return undefined;
    let gain = 0;
    for (const [i, us] of purging[1].totals.entries()) {
      const other = keep[i];
      if (us !== null && other !== undefined && other !== null) gain += Math.log(us / other);
    }
    if (!(gain > 0)) return undefined;
    return (one) => (one.system === systems.helix ? { ...one, system: helixKeep } : one);
  }

  #roleOf(one: Contender): string {
    const untuned = this.#tuned.get(one);
    if (untuned !== undefined) return `${this.#roleOf(untuned)}, tuned`;
    if (one === this.#sides[0]) return "A";
    if (one === this.#sides[1]) return "B";
    return roles.find(([, { id }]) => id === one.system.id)?.[0] ?? "other purge setting";
  }
}

/** No worse in run time, bytes and planning time, and better in one. */
export function dominates(
  one: Pick<Standing, "totalUs" | "storedBytes" | "planUs">,
  other: Pick<Standing, "totalUs" | "storedBytes" | "planUs">,
): boolean {
  const pairs = [
    [one.totalUs, other.totalUs],
    [one.storedBytes, other.storedBytes],
    [one.planUs, other.planUs],
  ] as const;
  return pairs.every(([x, y]) => x <= y) && pairs.some(([x, y]) => x < y);
}
