/** Claims that several figures share; tolerances stood before anything was timed. */
import type { RunRow } from "../src/core/result-row.ts";
import type { Scalar } from "../src/harness/cells.ts";
import { MissingRowsError, ratioClaim, savingClaim, shapeClaim, type Claim } from "../src/harness/claims.ts";
import type { Grid } from "../src/harness/experiment.ts";
import { formatNumber, formatUs } from "../src/report/charts/units.ts";
import {
  cheapestWithoutReuse,
  compareTotals,
  judgedSystem,
  runOf,
  standsAt,
  type FigureCell,
  type FigureView,
} from "./iteration-figure.ts";

/** A claim about a figure: rows are iterations of a run. */
export type FigureClaim = Claim<Grid, RunRow>;

/** Where a claim is read off, and the paper it comes from. */
export interface ClaimPlace {
  readonly source: string;
  /** Parameters of the cells, for example `{ family: "census" }`. */
  readonly at?: Readonly<Record<string, Scalar>>;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** IE: HELIX's cumulative run time is 60 % lower than DeepDive's. */
export function ieSaving({ source, at = {} }: ClaimPlace): FigureClaim {
  return savingClaim({
    id: "ie-saving",
    claim: "IE: HELIX's cumulative run time is 60 % lower than DeepDive's",
    source,
    expected: 0.6,
    points: 0.1,
    sameShapeAbove: 0.1,
    compare: (view: FigureView) => compareTotals(view, { against: "deepdive", at }),
  });
}

/** IE: KeystoneML cannot run it. */
export function ieKeystoneAbsent({ source, at = {} }: ClaimPlace): FigureClaim {
  return shapeClaim({
    id: "ie-keystoneml-absent",
    claim: "IE: KeystoneML has no line, it cannot express structured prediction",
    source,
    expected: "excluded",
    tolerance: "exact",
    measure: (view: FigureView) => {
      const cell = cellOf(view, "keystoneml", at);
      const reason = cell.exclusions[0]?.reason;
      const isOut = cell.rows.length === 0 && reason !== undefined;
      return { got: isOut ? `excluded: ${reason}` : "ran", reproduced: isOut, sameShape: false };
    },
  });
}

/** Census: HELIX is about an order of magnitude below KeystoneML. */
export function censusRatio({ source, at = {} }: ClaimPlace): FigureClaim {
  return ratioClaim({
    id: "census-ratio",
    claim: "Census: HELIX's cumulative run time is about an order of magnitude lower (one illustrated script)",
    source,
    expected: 10,
    times: 2,
    sameShapeAbove: 1.5,
    compare: (view: FigureView) => compareTotals(view, { at }),
  });
}

/** Census: HELIX is below DeepDive as far as DeepDive goes. */
export function censusBelowDeepDive({ source, at = {} }: ClaimPlace): FigureClaim {
  return shapeClaim({
    id: "census-below-deepdive",
    claim: "Census: HELIX is below DeepDive as far as DeepDive goes",
    source,
    expected: "below",
    tolerance: "below at the end of the common prefix; same shape up to 5 % above",
    measure: (view: FigureView) => {
      const { totals, says } = compareTotals(view, { against: "deepdive", at });
      const ratio = totals[0]!.oursUs / totals[0]!.noneUs;
      const got = `${formatNumber(100 * Math.abs(ratio - 1))} % ${ratio < 1 ? "below" : "above"}`;
      return { got, reproduced: ratio < 1, sameShape: ratio <= 1.05, note: says };
    },
  });
}

/** Census: DeepDive ends after the leading pre-processing iterations. */
export function censusDeepDiveEnds({ source, at = {} }: ClaimPlace): FigureClaim {
  return shapeClaim({
    id: "census-deepdive-ends",
    claim: "Census: DeepDive has no data after iteration 2",
    source,
    expected: "last iteration 2",
    tolerance: "exact; same shape if it ends before the last iteration",
    measure: (view: FigureView) => {
      const cell = cellOf(view, "deepdive", at);
      const last = cell.rows.length - 1;
      const ended = cell.exclusions.some(({ fromIteration }) => fromIteration !== undefined);
      return { got: `last iteration ${last}`, reproduced: ended && last === 2, sameShape: ended };
    },
  });
}

/** HELIX: post-processing iterations cost almost nothing, learning more, pre-processing most. */
export function helixOrder({ source, at = {} }: ClaimPlace): FigureClaim {
  return shapeClaim({
    id: "census-order",
    claim: "Census: for HELIX PPR ≈ 0 < LI < DPR in run time of an iteration",
    source,
    expected: "PPR ≈ 0 < LI < DPR",
    tolerance: "medians by change type; PPR ≤ 5 % of the initial run; same shape if PPR is lowest",
    measure: (view: FigureView) => {
      const { rows } = runOf(view, judgedSystem, at);
      const initialUs = rows[0]?.runUs ?? 0;
      const by = (type: string): number => {
        const times = rows.filter(({ changeType }) => changeType === type).map(({ runUs }) => runUs);
        if (times.length === 0) throw new MissingRowsError(`the sequence has no ${type} iteration`);
        return median(times);
      };
      const [dpr, li, ppr] = [by("dpr"), by("li"), by("ppr")];
      return {
        got: `PPR ${formatUs(ppr)}, LI ${formatUs(li)}, DPR ${formatUs(dpr)}`,
        reproduced: ppr <= 0.05 * initialUs && ppr < li && li < dpr,
        sameShape: ppr < li && ppr < dpr,
        note: `${judgedSystem}; initial run ${formatUs(initialUs)}`,
      };
    },
  });
}

/** KeystoneML: run time of an iteration does not depend on what was run before. */
export function keystoneFlat({ source, at = {} }: ClaimPlace): FigureClaim {
  return shapeClaim({
    id: "census-keystoneml-flat",
    claim: "Census: KeystoneML's run time per iteration is flat",
    source,
    expected: "flat",
    tolerance: "slowest ÷ fastest iteration ≤ 1.5; same shape ≤ 3",
    measure: (view: FigureView) => {
      const times = runOf(view, "keystoneml", at).rows.map(({ runUs }) => runUs);
      const spread = Math.max(...times) / Math.min(...times);
      return { got: `slowest ÷ fastest ${formatNumber(spread)}`, reproduced: spread <= 1.5, sameShape: spread <= 3 };
    },
  });
}

function cellOf(view: FigureView, system: string, at: Readonly<Record<string, Scalar>>): FigureCell {
  const found = view.cells.find(({ point }) => standsAt(point, { ...at, system }));
  if (found === undefined) throw new MissingRowsError(`no cell of ${system}`);
  return found;
}

/** Name of the cheapest system without reuse, for captions. */
export function noReuseBar(view: FigureView, at: Readonly<Record<string, Scalar>> = {}): string {
  const length = runOf(view, judgedSystem, at).rows.length;
  const { system, us } = cheapestWithoutReuse(view, length, at);
  return `no-reuse bar: ${system}, ${formatUs(us)}`;
}
