/**
 * A second simulator, written straight from the accounting rules and sharing no code with `src` but types: the differential
 * oracle of the real one. Plain maps and sets, everything recomputed, plans by trying all sets of loads.
 */
import type { ChangeType } from "../../src/core/iteration.ts";

export interface RefNode {
  id: string;
  op: string;
  kind?: "dpr" | "li" | "ppr";
  signature: string;
  parents: string[];
  computeUs: number;
  sizeBytes: number;
  loadUs?: number;
  writeUs?: number;
  memoryBytes?: number;
  weight?: number;
  deterministic?: boolean;
  output?: boolean;
}

export interface RefIteration {
  iteration: number;
  changeType: ChangeType;
  base?: number;
  nodes: RefNode[];
  segments?: { nodes: string[]; fusedUs: number }[];
  fusedUs?: number;
}

export interface RefSettings {
  system: string;
  budgetBytes: number | null;
  accounting: "uniform" | "helix" | "collab";
  estimates: "last" | "mean" | "current";
  memoryBytes: number;
}

export interface RefRow {
  iteration: number;
  changeType: string;
  runUs: number;
  computeUs: number;
  loadUs: number;
  writeUs: number;
  storedBytes: number;
  evictedBytes: number;
  peakBytes: number;
  computed: number;
  loaded: number;
  pruned: number;
  cumulativeUs: number;
}

type Result = {
  node: RefNode;
  sig: string;
  parents: string[]; // keys of other results
  output: boolean;
  shaky: boolean; // nondeterministic, or behind such a one
  source: boolean;
};

const modelUs = (bytes: number): number => 1000 + Math.ceil(bytes / 170);
const loadOf = (node: RefNode): number => node.loadUs ?? modelUs(node.sizeBytes);
const writeOf = (node: RefNode): number => node.writeUs ?? modelUs(node.sizeBytes);
const memoryOf = (node: RefNode): number => node.memoryBytes ?? node.sizeBytes;

/** Σ sizes of distinct results that are not sources, each at its first size. */
export function refIntermediateBytes(trace: RefIteration[]): number {
  const sizes = new Map<string, number>();
  for (const { nodes } of trace)
    for (const node of nodes)
      if (!sizes.has(node.signature)) sizes.set(node.signature, node.parents.length === 0 ? 0 : node.sizeBytes);
  return [...sizes.values()].reduce((a, b) => a + b, 0);
}

function taxIsHigh(trace: RefIteration[]): boolean {
  let apart = 0;
  let together = 0;
  for (const { nodes, segments = [] } of trace)
    for (const segment of segments) {
      together += segment.fusedUs;
      for (const id of segment.nodes) apart += nodes.find((node) => node.id === id)!.computeUs;
    }
  return together > 0 && apart / together > 1.2;
}

/** Runs a system over a trace; rows until the end or until the system ends, and whether it was cut short. */
export function referenceRows(trace: RefIteration[], set: RefSettings): { rows: RefRow[]; stoppedAt: number | null } {
  const { system, accounting, estimates } = set;
  const isKeystone = system.startsWith("keystoneml");
  const isNaive = system === "naive";
  const reruns = isNaive || isKeystone || system === "none-fused";
  const purges = system === "helix" || system === "helix-am" || system === "helix-nm";
  const batch = system === "collab-helix";
  const budget =
    set.budgetBytes === null || system === "deepdive" || system === "all" ? Number.POSITIVE_INFINITY : set.budgetBytes;
  const highTax = taxIsHigh(trace);

  const store = new Map<string, { bytes: number; free: boolean }>();
  const seenCompute = new Map<string, number[]>();
  const seenLoad = new Map<string, number[]>();
  // What the experiment graph of collab-helix knows, in order of first appearance.
  const graph = new Map<string, { parents: string[]; compute: number; load: number; size: number }>();
  const rows: RefRow[] = [];
  let cumulativeUs = 0;

  const used = (): number => [...store.values()].reduce((sum, { bytes, free }) => sum + (free ? 0 : bytes), 0);
  const guess = (seen: number[] | undefined, line: number): number => {
    if (estimates === "current" || seen === undefined) return line;
    if (estimates === "last") return seen.at(-1)!;
    return Math.round(seen.reduce((a, b) => a + b, 0) / seen.length);
  };
  const note = (seen: Map<string, number[]>, sig: string, us: number): void => {
    seen.set(sig, [...(seen.get(sig) ?? []), us]);
  };

  for (const version of trace) {
    if (system === "deepdive" && (version.changeType === "li" || version.changeType === "ppr"))
      return { rows, stoppedAt: version.iteration };
    if (system === "none-fused" && version.fusedUs === undefined) return { rows, stoppedAt: version.iteration };

    // Results: one per signature (one per node for naive), under the key of the first node that has it.
    const keyOf = new Map<string, string>();
    const all = new Map<string, Result>();
    const consumed = new Set(version.nodes.flatMap((node) => node.parents));
    const declares = version.nodes.some((node) => node.output === true);
    for (const node of version.nodes) {
      const twin = isNaive ? undefined : [...all].find(([, { sig }]) => sig === node.signature)?.[0];
      const key = twin ?? node.id;
      keyOf.set(node.id, key);
      const isOutput = declares ? node.output === true : !consumed.has(node.id);
      const known = all.get(key);
      if (known === undefined)
        all.set(key, {
          node,
          sig: node.signature,
          parents: [...new Set(node.parents.map((parent) => keyOf.get(parent)!))],
          output: isOutput,
          shaky: node.deterministic === false || node.parents.some((parent) => all.get(keyOf.get(parent)!)!.shaky),
          source: node.parents.length === 0,
        });
      else {
        known.output ||= isOutput;
        known.shaky ||= node.deterministic === false;
      }
    }
    for (const result of all.values()) if (result.parents.some((parent) => all.get(parent)!.shaky)) result.shaky = true;

    const needed = new Set<string>();
    const need = (key: string): void => {
      if (needed.has(key)) return;
      needed.add(key);
      for (const parent of all.get(key)!.parents) need(parent);
    };
    for (const [key, { output }] of all) if (output || isNaive) need(key);
    const live = [...all].filter(([key]) => needed.has(key));
    const liveKeys = live.map(([key]) => key);

    // Purge.
    let evictedBytes = 0;
    const drop = (sig: string): void => {
      const found = store.get(sig)!;
      if (!found.free) evictedBytes += found.bytes;
      store.delete(sig);
    };
    if (purges) {
      const baseAt = version.base ?? version.iteration - 1;
      const base = trace.find(({ iteration }) => iteration === baseAt && iteration < version.iteration);
      const now = new Set(version.nodes.map(({ signature }) => signature));
      for (const node of version.nodes) {
        const before = base?.nodes.find(({ id }) => id === node.id)?.signature;
        if (before !== undefined && before !== node.signature && !now.has(before) && store.has(before)) drop(before);
      }
    }

    // Plan.
    const costOf = (key: string): number => {
      const { node, sig } = all.get(key)!;
      return guess(seenCompute.get(sig), node.computeUs);
    };
    const loadCost = (key: string): number => {
      const { node, sig } = all.get(key)!;
      return guess(seenLoad.get(sig), loadOf(node));
    };
    const loadable = liveKeys.filter((key) => store.has(all.get(key)!.sig) && !all.get(key)!.shaky);
    const outputs = live.filter(([, { output }]) => output).map(([key]) => key);
    let plan: Map<string, "compute" | "load">;
    if (reruns) plan = new Map(liveKeys.map((key) => [key, "compute"]));
    else if (system === "deepdive") plan = deepdivePlan(all, liveKeys, loadable, outputs);
    else plan = cheapestPlan(all, loadable, outputs, costOf, loadCost);

    // Executions within the run.
    const times = new Map<string, number>(liveKeys.map((key) => [key, 1]));
    if (isKeystone && system !== "keystoneml-aggressive") {
      const cached = system === "keystoneml" ? greedyCache(all, liveKeys, set.memoryBytes, costOf) : new Set<string>();
      const runs = runCounts(all, liveKeys, cached);
      for (const key of liveKeys) times.set(key, cached.has(key) ? 1 : runs.get(key)!);
    }

    // Execute in listed order.
    let computeUs = 0;
    let loadUs = 0;
    let writeUs = 0;
    let peakBytes = 0;
    let loaded = 0;
    const spent = new Map<string, number>(liveKeys.map((key) => [key, 0]));
    const known = new Map<string, number>(liveKeys.map((key) => [key, costOf(key)]));
    const alive = new Set<string>();
    const written = new Set<string>();
    const done = new Set<string>();
    const hasWaitingChild = (key: string): boolean =>
      live.some(([child, { parents }]) => parents.includes(key) && plan.get(child) === "compute" && !done.has(child));
    const mayStore = ({ sig, shaky, source, node }: Result): boolean =>
      !store.has(sig) &&
      !shaky &&
      !(source && accounting !== "helix") &&
      !(system === "deepdive" && node.kind !== "dpr");
    const write = (key: string, free: boolean): void => {
      const { node, sig } = all.get(key)!;
      store.set(sig, { bytes: node.sizeBytes, free });
      written.add(key);
      if (accounting !== "collab") writeUs += writeOf(node);
    };
    const ancestors = (key: string): Set<string> => {
      const found = new Set<string>();
      const walk = (at: string): void => {
        for (const parent of all.get(at)!.parents)
          if (!found.has(parent)) {
            found.add(parent);
            walk(parent);
          }
      };
      walk(key);
      return found;
    };
    const wants = (key: string): boolean => {
      const { node } = all.get(key)!;
      const free = budget - used();
      if (node.sizeBytes > free) return false;
      const total = (values: Map<string, number>): number =>
        values.get(key)! + [...ancestors(key)].reduce((sum, a) => sum + values.get(a)!, 0);
      if (system === "deepdive" || system === "all" || system === "helix-am") return true;
      if (system === "helix") return total(spent) > 2 * loadOf(node);
      if (system === "helix-demo") return total(known) > 2 * loadOf(node);
      return false;
    };

    for (const key of liveKeys) {
      const what = plan.get(key);
      if (what === undefined) continue;
      const result = all.get(key)!;
      const { node, sig } = result;
      if (what === "load") {
        const us = loadOf(node);
        loadUs += us;
        loaded++;
        spent.set(key, us);
        note(seenLoad, sig, us);
      } else {
        const us = node.computeUs * times.get(key)!;
        computeUs += us;
        spent.set(key, us);
        known.set(key, node.computeUs);
        note(seenCompute, sig, node.computeUs);
      }
      alive.add(key);
      if (system !== "none-fused")
        peakBytes = Math.max(
          peakBytes,
          [...alive].reduce((sum, a) => sum + memoryOf(all.get(a)!.node), 0),
        );
      const waitingBefore = liveKeys.filter(hasWaitingChild);
      done.add(key);
      const leaving = liveKeys.filter(
        (k) => alive.has(k) && !hasWaitingChild(k) && (k === key || waitingBefore.includes(k)),
      );
      if (what === "compute" && accounting === "collab" && result.source && !result.shaky && !store.has(sig))
        write(key, true);
      if (!batch && !reruns && system !== "helix-nm") {
        const onFinish = system === "deepdive" || system === "all" || system === "helix-am";
        for (const k of onFinish ? [key] : leaving)
          if (plan.get(k) === "compute" && mayStore(all.get(k)!) && wants(k)) write(k, false);
      }
      if (!batch) for (const k of leaving) alive.delete(k);
    }
    if (system === "none-fused") peakBytes = outputs.reduce((sum, key) => sum + memoryOf(all.get(key)!.node), 0);

    if (batch) {
      const vertices = new Set<string>();
      for (const [key, { node, sig, parents }] of live) {
        const isComputed = plan.get(key) === "compute";
        graph.set(sig, {
          parents: graph.get(sig)?.parents ?? parents.map((parent) => all.get(parent)!.sig),
          compute: known.get(key)!,
          load: isComputed ? loadOf(node) : loadCost(key),
          size: store.get(sig)?.bytes ?? node.sizeBytes,
        });
        if (isComputed && mayStore(all.get(key)!)) vertices.add(sig);
      }
      for (const [sig, { free }] of store) if (!free) vertices.add(sig);
      let left = budget;
      const chosen = new Set<string>();
      for (const [sig, vertex] of graph) {
        if (!vertices.has(sig) || vertex.size > left) continue;
        const family = new Set([sig]);
        for (const member of family) for (const parent of graph.get(member)!.parents) family.add(parent);
        const recreate = [...family].reduce((sum, member) => sum + graph.get(member)!.compute, 0);
        if (recreate <= vertex.load) continue;
        chosen.add(sig);
        left -= vertex.size;
      }
      for (const [sig, { free }] of store) if (!free && !chosen.has(sig)) drop(sig);
      for (const [key, { sig }] of live)
        if (chosen.has(sig) && !store.has(sig) && plan.get(key) === "compute") write(key, false);
    }

    // Recorded fused times.
    if (system === "none-fused") computeUs = version.fusedUs!;
    else if (highTax) {
      const charged = new Set<string>();
      for (const { nodes, fusedUs } of version.segments ?? []) {
        const keys = [...new Set(nodes.map((id) => keyOf.get(id)!))];
        const last = keyOf.get(nodes.at(-1)!)!;
        const isWhole = keys.every(
          (key) =>
            plan.get(key) === "compute" &&
            !charged.has(key) &&
            (key === last || !written.has(key)) &&
            times.get(key) === times.get(keys[0]!),
        );
        if (!isWhole) continue;
        for (const key of keys) {
          charged.add(key);
          computeUs -= all.get(key)!.node.computeUs * times.get(key)!;
        }
        computeUs += fusedUs * times.get(keys[0]!)!;
      }
    }

    const runUs = computeUs + loadUs + writeUs;
    cumulativeUs += runUs;
    const computed = [...plan.values()].filter((state) => state === "compute").length;
    rows.push({
      iteration: version.iteration,
      changeType: version.changeType,
      runUs,
      computeUs,
      loadUs,
      writeUs,
      storedBytes: used(),
      evictedBytes,
      peakBytes,
      computed,
      loaded,
      pruned: all.size - computed - loaded,
      cumulativeUs,
    });
  }
  return { rows, stoppedAt: null };
}

/** Unchanged results are read only where something recomputed, or the user, reads them. */
function deepdivePlan(
  all: Map<string, Result>,
  live: string[],
  loadable: string[],
  outputs: string[],
): Map<string, "compute" | "load"> {
  const stored = new Set(loadable);
  const redo = new Set<string>();
  for (const key of live) {
    const { parents } = all.get(key)!;
    if (parents.length > 0 && (!stored.has(key) || parents.some((parent) => redo.has(parent)))) redo.add(key);
  }
  const plan = new Map<string, "compute" | "load">();
  for (const key of live) {
    const isRead =
      outputs.includes(key) || live.some((child) => redo.has(child) && all.get(child)!.parents.includes(key));
    if (redo.has(key)) plan.set(key, "compute");
    else if (isRead) plan.set(key, stored.has(key) ? "load" : "compute");
  }
  return plan;
}

/** Tries every set of stored results to load instead of computing; fewer loads win a tie. */
function cheapestPlan(
  all: Map<string, Result>,
  loadable: string[],
  outputs: string[],
  costOf: (key: string) => number,
  loadCost: (key: string) => number,
): Map<string, "compute" | "load"> {
  let best: Map<string, "compute" | "load"> | undefined;
  let bestUs = Number.POSITIVE_INFINITY;
  let bestLoads = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < 2 ** loadable.length; mask++) {
    const loads = new Set(loadable.filter((_, bit) => (mask >> bit) & 1));
    const plan = new Map<string, "compute" | "load">();
    let us = 0;
    const want = (key: string): void => {
      if (plan.has(key)) return;
      if (loads.has(key)) {
        plan.set(key, "load");
        us += loadCost(key);
        return;
      }
      plan.set(key, "compute");
      us += costOf(key);
      for (const parent of all.get(key)!.parents) want(parent);
    };
    for (const key of outputs) want(key);
    const loadCount = [...plan.values()].filter((state) => state === "load").length;
    if (us < bestUs || (us === bestUs && loadCount < bestLoads)) {
      best = plan;
      bestUs = us;
      bestLoads = loadCount;
    }
  }
  return best!;
}

function runCounts(all: Map<string, Result>, live: string[], cached: Set<string>): Map<string, number> {
  const runs = new Map<string, number>();
  for (const key of [...live].reverse()) {
    const children = live.filter((child) => all.get(child)!.parents.includes(key));
    let sum = children.length === 0 ? 1 : 0;
    for (const child of children)
      sum += (all.get(child)!.node.weight ?? 1) * (cached.has(child) ? 1 : runs.get(child)!);
    runs.set(key, sum);
  }
  return runs;
}

function greedyCache(
  all: Map<string, Result>,
  live: string[],
  memoryBytes: number,
  costOf: (key: string) => number,
): Set<string> {
  const cached = new Set<string>();
  const timeUs = (chosen: Set<string>): number => {
    const runs = runCounts(all, live, chosen);
    return live.reduce((sum, key) => sum + costOf(key) * (chosen.has(key) ? 1 : runs.get(key)!), 0);
  };
  for (;;) {
    const left = memoryBytes - [...cached].reduce((sum, key) => sum + memoryOf(all.get(key)!.node), 0);
    const runs = runCounts(all, live, cached);
    let best: string | undefined;
    let bestUs = timeUs(cached);
    for (const key of live) {
      if (cached.has(key) || runs.get(key)! <= 1 || memoryOf(all.get(key)!.node) > left) continue;
      const us = timeUs(new Set([...cached, key]));
      if (us < bestUs) {
        best = key;
        bestUs = us;
      }
    }
    if (best === undefined) return cached;
    cached.add(best);
  }
}
