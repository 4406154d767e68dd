import { describe, expect, test } from "vitest";
import {
  judgeClaims,
  lostClaims,
  MissingRowsError,
  ratioClaim,
  savingClaim,
  shapeClaim,
  type Totals,
} from "../../src/harness/claims.ts";

const nothing = { cells: [], rows: [], seed: 1 };

function ratio(expected: number, totals: readonly Totals[]) {
  return judgeClaims(
    "toy",
    [
      ratioClaim({
        id: "faster",
        claim: `${expected}x faster`,
        source: "Paper, Fig. 1",
        expected,
        times: 1.5,
        sameShapeAbove: 1.1,
        compare: () => ({ totals, optimumIs: "clairvoyant optimum", says: "ours vs none" }),
      }),
    ],
    nothing,
  )[0]!;
}

describe("a ratio claim", () => {
  test("is reproduced within its tolerance and prints ceiling and attained share", () => {
    const claim = ratio(4, [{ noneUs: 100, oursUs: 25, optimumUs: 20 }]);
    expect(claim).toMatchObject({ got: 4, ceiling: 5, verdict: "reproduced", experiment: "toy" });
    expect(claim.attained).toBeCloseTo(75 / 80, 12);
  });

  test.each([
    [100 / 6, "reproduced"],
    [100 / 5.9, "reproduced"],
    [100 / 2.6, "same shape"],
    [100 / 1.05, "not"],
    [120, "not"],
  ])("with ours at %d µs of 100 against an expected 4x is %s", (oursUs, verdict) => {
    expect(ratio(4, [{ noneUs: 100, oursUs, optimumUs: 10 }]).verdict).toBe(verdict);
  });

  test("is not testable when the paper's number is above the ceiling, and splits it into reuse and engine constant", () => {
    const claim = ratio(10, [{ noneUs: 100, oursUs: 25, optimumUs: 20 }]);
    expect(claim.verdict).toBe("not testable");
    expect(claim.note).toContain(
      "10 = 4 (reuse, ours) × 2.5 (would have to be an engine constant; at least 2 even with the best policy)",
    );
  });

  test("over many sequences stands on the median and prints the 5–95 % band", () => {
    const totals = Array.from({ length: 101 }, (_, i) => ({ noneUs: 100 + i, oursUs: 50, optimumUs: 10 }));
    const claim = ratio(3, totals);
    expect(claim.got).toBe(3);
    expect(claim.band).toEqual([2.1, 3.9]);
    expect(claim.verdict).toBe("reproduced");
  });

  test("has no attained share when there was nothing to save", () => {
    expect(ratio(1, [{ noneUs: 100, oursUs: 100, optimumUs: 100 }]).attained).toBeUndefined();
  });
});

describe("a saving claim", () => {
  const saving = (totals: Totals) =>
    judgeClaims(
      "toy",
      [
        savingClaim({
          id: "lower",
          claim: "60 % lower",
          source: "Paper, Fig. 2",
          expected: 0.6,
          points: 0.1,
          sameShapeAbove: 0.1,
          compare: () => ({ totals: [totals], optimumIs: "lower bound", says: "" }),
        }),
      ],
      nothing,
    )[0]!;

  test.each([
    [40, 20, "reproduced"],
    [50, 20, "reproduced"],
    [51, 20, "same shape"],
    [95, 20, "not"],
    [60, 45, "not testable"],
  ])("with ours %d and optimum %d of 100 is %s", (oursUs, optimumUs, verdict) => {
    expect(saving({ noneUs: 100, oursUs, optimumUs }).verdict).toBe(verdict);
  });

  test("above the ceiling says what an engine would have to add", () => {
    expect(saving({ noneUs: 100, oursUs: 60, optimumUs: 50 }).note).toContain(
      "as a ratio 2.5 = 1.67 (reuse, ours) × 1.5 (would have to be an engine constant; at least 1.25 even with the best policy)",
    );
  });
});

describe("claims without their cells", () => {
  test("are not testable and say what is missing", () => {
    const claim = shapeClaim({
      id: "flat",
      claim: "flat",
      source: "",
      expected: "flat",
      tolerance: "10 %",
      measure: () => {
        throw new MissingRowsError("no cell for system keystoneml");
      },
    });
    expect(judgeClaims("toy", [claim], nothing)[0]).toMatchObject({
      got: null,
      verdict: "not testable",
      note: "no cell for system keystoneml",
    });
  });

  test("other errors in a claim are bugs and are not swallowed", () => {
    const claim = shapeClaim({
      id: "flat",
      claim: "flat",
      source: "",
      expected: "flat",
      tolerance: "10 %",
      measure: () => {
        throw new TypeError("oops");
      },
    });
    expect(() => judgeClaims("toy", [claim], nothing)).toThrow("oops");
  });
});

test("a claim counts as lost only if it was reproduced before", () => {
  const before = [ratio(4, [{ noneUs: 100, oursUs: 25, optimumUs: 20 }])];
  const worse = [ratio(4, [{ noneUs: 100, oursUs: 50, optimumUs: 20 }])];
  expect(lostClaims(before, before)).toEqual([]);
  expect(lostClaims(before, worse)).toHaveLength(1);
  expect(lostClaims(before, [])).toHaveLength(1);
  expect(lostClaims(worse, [])).toEqual([]);
});
