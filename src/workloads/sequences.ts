import type { SourceOp } from "../core/operators.ts";
import { WorkflowError } from "../core/errors.ts";
import { randomInt, randomPick, randomWeighted, type Rng } from "../core/rng.ts";
import type { WorkflowVersion } from "../core/workflow.ts";
import { type Edit, type EditTree, type EditType, isSameVersion, type Run } from "./edits.ts";

/** One thing about a workflow that users try in several ways: an operator with its alternatives. */
export interface EditOption {
  /** Kebab-case, unique in its workload. */
  readonly id: string;
  readonly changeType: EditType;
  /** At least two, the one of the first version included; each brings any version to that alternative. */
  readonly variants: readonly { readonly id: string; readonly apply: Edit["apply"] }[];
}

/** How a sequence of runs is drawn. */
export interface SequenceShape {
  /** Runs in all, the first version included. */
  readonly iterations: number;
  /** Weight of each change type. */
  readonly weights: Readonly<Record<EditType, number>>;
  /** The first edits are `dpr`, that many. */
  readonly leadingDpr?: number;
  /** Probability that a run goes back: half of these repeat an earlier version, half branch off one. */
  readonly goBack?: number;
}

/** A drawn run: an option and its variant on a base, or an earlier run once more. */
export type DrawnRun =
  | { readonly option: string; readonly variant: string; readonly base?: number }
  | { readonly again: number };

const editTypes: readonly EditType[] = ["dpr", "li", "ppr"];

/**
 * Draws a sequence: for each run the change type from the weights, then uniformly an option of that type, then uniformly a
 * variant that changes the version (so no run is an empty edit). The same stream gives the same sequence.
 *
 * @param rng used for this sequence only
 * @throws {WorkflowError} if a type with positive weight has no option
 */
export function drawSequence(
  first: WorkflowVersion,
  options: readonly EditOption[],
  shape: SequenceShape,
  rng: Rng,
): readonly DrawnRun[] {
  const versions = [first];
  const drawn: DrawnRun[] = [];
  for (let i = 0; i + 1 < shape.iterations; i++) {
    // The draws of one run are made in any case, so that changing one setting shifts as little as possible.
    const goesBack = rng() < (shape.goBack ?? 0) && i > 0;
    const repeats = rng() < 0.5;
    const earlier = randomInt(rng, 0, Math.max(0, i - 1)); // any run but the last one
    const changeType =
      i < (shape.leadingDpr ?? 0)
        ? "dpr"
        : (editTypes[
            randomWeighted(
              rng,
              editTypes.map((type) => shape.weights[type]),
            )
          ] ?? "dpr");
    if (goesBack && repeats) {
      versions.push(versions[earlier] as WorkflowVersion);
      drawn.push({ again: earlier });
      continue;
    }
    const from = versions[goesBack ? earlier : i] as WorkflowVersion;
    const candidates = options.filter((option) => option.changeType === changeType);
    if (candidates.length === 0)
      throw new WorkflowError(`sequence: no edit of type ${changeType}; expected one, since its weight is positive`);
    const option = randomPick(rng, candidates);
    const changing = option.variants
      .map(({ id, apply }) => ({ id, version: apply(from) }))
      .filter(({ version }) => !isSameVersion(from, version));
    if (changing.length === 0)
      throw new WorkflowError(
        `sequence: edit option "${option.id}" has no variant that changes anything; expected two`,
      );
    const variant = randomPick(rng, changing);
    versions.push(variant.version);
    drawn.push({ option: option.id, variant: variant.id, ...(goesBack ? { base: earlier } : {}) });
  }
  return drawn;
}

/** The tree of edits of a drawn or written-down sequence. @throws {WorkflowError} for an unknown option or variant */
export function editTree(first: WorkflowVersion, options: readonly EditOption[], drawn: readonly DrawnRun[]): EditTree {
  const runs = drawn.map((run): Run => {
    if ("again" in run) return run;
    const edit = editOf(options, run.option, run.variant);
    return run.base === undefined ? { edit } : { edit, base: run.base };
  });
  return { first, runs };
}

function editOf(options: readonly EditOption[], optionId: string, variantId: string): Edit {
  const option = options.find(({ id }) => id === optionId);
  const variant = option?.variants.find(({ id }) => id === variantId);
  if (option === undefined || variant === undefined)
    throw new WorkflowError(
      `workload: there is no edit "${optionId}: ${variantId}"; expected one of the declared options`,
    );
  return { label: `${option.id}: ${variant.id}`, changeType: option.changeType, apply: variant.apply };
}

/**
 * Branches off the first version in which every variant of every option comes once, so that one recording sees every operator.
 * Variants that feed others (`dpr`, `li`) have a branch of their own; post-processing ones, which do not touch each other, are
 * made together: the k-th branch of these has the k-th variant of every option.
 */
export function coverEdits(first: WorkflowVersion, options: readonly EditOption[]): EditTree {
  const changing = options.map(({ id: option, changeType, variants }) => ({
    changeType,
    edits: variants
      .filter(({ apply }) => !isSameVersion(first, apply(first)))
      .map(({ id }) => editOf(options, option, id)),
  }));
  const alone = changing.filter(({ changeType }) => changeType !== "ppr").flatMap(({ edits }) => edits);
  const reports = changing.filter(({ changeType }) => changeType === "ppr").map(({ edits }) => edits);
  const rounds = Math.max(0, ...reports.map(({ length }) => length));
  const together = Array.from({ length: rounds }, (_, k): Edit => {
    const edits = reports.flatMap((list) => list.slice(k, k + 1));
    return {
      label: edits.map(({ label }) => label).join(", "),
      changeType: "ppr",
      apply: (version) => edits.reduce((before, { apply }) => apply(before), version),
    };
  });
  return { first, runs: [...alone, ...together].map((edit): Run => ({ edit, base: 0 })) };
}

/** A source without data: enough where only the structure of a workflow matters, as for drawing edits. */
export function sourceByName(dataset: string): SourceOp {
  return { op: "source", dataset, fingerprint: "", files: [] };
}
