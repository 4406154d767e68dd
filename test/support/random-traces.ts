/** Seeded random traces that use every corner of the format: merged nodes, slices, branches, renames, noise, segments. */
import { randomInt, randomPick, rngStream, type Rng } from "../../src/core/rng.ts";
import type { RefIteration, RefNode } from "./reference-simulator.ts";

interface Draft {
  id: string;
  tag: string;
  kind: "dpr" | "li" | "ppr";
  parents: string[];
  output: boolean;
}

/** What a random trace has. */
export interface TraceShape {
  readonly iterations: number;
  readonly nodes: number;
  /** Costs of a signature change from line to line. */
  readonly noise: boolean;
  readonly segments: boolean;
}

/** Draws a trace; the same seed gives the same one. Costs are drawn from wide ranges, so that optimal plans are unique. */
export function randomTrace(seed: number, shape: TraceShape): RefIteration[] {
  const rng = rngStream(seed, "random-trace");
  const costs = new Map<string, Partial<RefNode> & { computeUs: number; sizeBytes: number }>();
  const versions: Draft[][] = [firstVersion(rng, shape.nodes)];
  const hasFused = rng() < 0.7;
  const trace: RefIteration[] = [];
  let counter = 0;
  const fresh = (): string => `v${counter++}`;
  for (let iteration = 0; iteration < shape.iterations; iteration++) {
    let base: number | undefined;
    if (iteration > 0) {
      base = rng() < 0.3 ? randomInt(rng, 0, iteration - 1) : iteration - 1;
      versions.push(edited(rng, versions[base]!, shape.nodes + 2, fresh));
    }
    const drafts = versions[iteration]!;
    const nodes = costed(rng, drafts, costs, shape.noise);
    trace.push({
      iteration,
      changeType: iteration === 0 ? "initial" : randomPick(rng, ["dpr", "dpr", "li", "ppr"] as const),
      ...(base === undefined || (base === iteration - 1 && rng() < 0.8) ? {} : { base }),
      nodes,
      ...(shape.segments && rng() < 0.8 ? { segments: segmentsOf(rng, nodes) } : {}),
      ...(hasFused ? { fusedUs: randomInt(rng, 1, 3_000_000) } : {}),
    });
  }
  return trace;
}

function firstVersion(rng: Rng, count: number): Draft[] {
  const drafts: Draft[] = [];
  for (let i = 0; i < count; i++) drafts.push(newDraft(rng, drafts, `n${i}`, `t${i}`));
  return drafts;
}

function newDraft(rng: Rng, before: Draft[], id: string, tag: string): Draft {
  const parents = before.filter(() => rng() < 1.6 / Math.max(1, before.length)).map((draft) => draft.id);
  if (rng() < 0.5) parents.reverse();
  const kind = randomPick(rng, ["dpr", "dpr", "dpr", "li", "ppr"] as const);
  return { id, tag, kind, parents, output: rng() < 0.15 };
}

function edited(rng: Rng, base: Draft[], most: number, fresh: () => string): Draft[] {
  const drafts = base.map((draft) => ({ ...draft, parents: [...draft.parents] }));
  for (let edits = randomInt(rng, 0, 3); edits > 0; edits--) {
    const draft = randomPick(rng, drafts);
    switch (randomInt(rng, 0, 6)) {
      case 0:
      case 1:
        draft.tag = rng() < 0.3 ? `t${randomInt(rng, 0, 3)}` : fresh();
        break;
      case 2:
        if (drafts.length < most) drafts.push(newDraft(rng, drafts, `n${fresh()}`, fresh()));
        break;
      case 3: {
        const sinks = drafts.filter(({ id }) => !drafts.some(({ parents }) => parents.includes(id)));
        const gone = randomPick(rng, sinks);
        if (drafts.length > 2) drafts.splice(drafts.indexOf(gone), 1);
        break;
      }
      case 4: {
        const id = `n${fresh()}`;
        for (const other of drafts) other.parents = other.parents.map((parent) => (parent === draft.id ? id : parent));
        draft.id = id;
        break;
      }
      case 5:
        draft.output = !draft.output;
        break;
      default:
        if (drafts.length < most) drafts.splice(drafts.indexOf(draft) + 1, 0, { ...draft, id: `n${fresh()}` });
    }
  }
  return drafts;
}

function costed(
  rng: Rng,
  drafts: Draft[],
  costs: Map<string, Partial<RefNode> & { computeUs: number; sizeBytes: number }>,
  noise: boolean,
): RefNode[] {
  const signatureOf = new Map<string, string>();
  return drafts.map(({ id, tag, kind, parents, output }) => {
    const signature = `${tag}:${kind}(${[...new Set(parents.map((parent) => signatureOf.get(parent)!))].sort().join(",")})`;
    signatureOf.set(id, signature);
    const firm = rngStream(signature, "firm");
    let drawn = costs.get(signature);
    if (drawn === undefined || noise) {
      const sizeBytes = randomInt(rng, 1, rng() < 0.5 ? 2_000_000 : 60_000_000);
      drawn = {
        computeUs: randomInt(rng, 1, rng() < 0.7 ? 1_000_000 : 20_000),
        sizeBytes,
        ...(rng() < 0.5 ? { loadUs: randomInt(rng, 1, 400_000) } : {}),
        ...(rng() < 0.5 ? { writeUs: randomInt(rng, 1, 400_000) } : {}),
        ...(rng() < 0.5 ? { memoryBytes: randomInt(rng, 1, 90_000_000) } : {}),
      };
      costs.set(signature, drawn);
    }
    return {
      id,
      op: `op-${tag}`,
      signature,
      parents,
      ...drawn,
      ...(firm() < 0.9 ? { kind } : {}),
      ...(firm() < 0.07 ? { deterministic: false } : {}),
      ...(firm() < 0.3 ? { weight: 1 + Math.floor(firm() * 3) } : {}),
      ...(output ? { output: true } : {}),
    };
  });
}

function segmentsOf(rng: Rng, nodes: RefNode[]): { nodes: string[]; fusedUs: number }[] {
  const segments: { nodes: string[]; fusedUs: number }[] = [];
  for (let i = 0; i < nodes.length;) {
    const length = randomInt(rng, 1, 3);
    const members = nodes.slice(i, i + length);
    i += length;
    if (rng() < 0.3) continue;
    const apart = members.reduce((sum, node) => sum + node.computeUs, 0);
    segments.push({ nodes: members.map(({ id }) => id), fusedUs: Math.ceil(apart * (0.3 + rng())) });
  }
  return segments;
}
