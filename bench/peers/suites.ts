/** What `run.ts` measures. */
import type { FamilyKnobs, ProblemFamilyId } from "../../src/workloads/synthetic/families.ts";

/** Problems that are measured together: one line of the table. */
export interface Suite {
  readonly name: string;
  readonly family: ProblemFamilyId;
  readonly knobs?: FamilyKnobs;
  /** Problems, if not `--count`. */
  readonly count?: number;
}
/** Families measured at all sizes. */
const families = [
  "collab",
  "kaggle",
  "mlpipe",
  "series-parallel",
  "layered",
  "layered-dense",
  "diamonds",
  "chains",
] as const;
const sizes = [
  ["1e3", 1_000, 20],
  ["1e4", 10_000, 6],
  ["1e5", 100_000, 2],
  ["1e6", 1_000_000, 1],
] as const;
const mixed = { storedShare: 0.6, loadScale: Math.E };
/** Every suite: problems of the size a family draws, and all families at four sizes. */
export const suites: readonly Suite[] = [
  { name: "collab", family: "collab" },
  { name: "collab, few outputs", family: "collab", knobs: { query: "few" } },
  { name: "collab-released", family: "collab-released" },
  { name: "kaggle", family: "kaggle" },
  { name: "mlpipe", family: "mlpipe" },
  { name: "series-parallel", family: "series-parallel" },
  { name: "layered", family: "layered" },
  { name: "layered-dense", family: "layered-dense" },
  { name: "layered-dense, dear", family: "layered-dense", knobs: { storedShare: 0.6, loadScale: Math.exp(3) } },
  {
    name: "layered-dense, dear, 0.9 stored",
    family: "layered-dense",
    knobs: { storedShare: 0.9, loadScale: Math.exp(3) },
  },
  {
    name: "layered 40x250, dear",
    family: "layered-dense",
    knobs: { storedShare: 0.6, loadScale: Math.exp(3), nodes: 10_000 },
    count: 6,
  },
  {
    name: "layered 40x250, dear, 0.9 stored",
    family: "layered-dense",
    knobs: { storedShare: 0.9, loadScale: Math.exp(3), nodes: 10_000 },
    count: 6,
  },
  { name: "diamonds", family: "diamonds" },
  { name: "diamonds, all stored dear", family: "diamonds", knobs: { storedShare: 0.9, loadScale: Math.exp(3) } },
  { name: "diamonds 8000", family: "diamonds", knobs: { ...mixed, nodes: 8_000 }, count: 6 },
  { name: "out-tree", family: "out-tree" },
  { name: "in-tree", family: "in-tree" },
  { name: "chains", family: "chains" },
  ...families.flatMap((family) =>
    sizes.map(([size, nodes, count]): Suite => ({
      name: `${family} ${size}`,
      family,
      knobs: { ...mixed, nodes },
      count,
    })),
  ),
];
