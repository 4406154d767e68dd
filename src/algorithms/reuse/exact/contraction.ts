/** Contraction of the kernel: what can be decided, folded, merged or dropped in one pass up and one pass down. */
import { maxExact } from "../../../core/units.ts";
import { folded, hopeless, merged, settled, type KernelGraph } from "./kernel-graph.ts";
import { available, cut, open, type Workspace } from "./workspace.ts";

/** One ascending pass: tidy the parents of each node, bound its price, decide, mark what its consumer will absorb. */
export function raise(kernel: KernelGraph, w: Workspace): boolean {
  const { ownUs, priceUs, boundUs, flags, consumers, firstArc, lastArc, seenBy, alive, arcTo, arcNext } = kernel;
  const { flags: problemFlags, list } = w;
  const top = kernel.nodeCount - 1;
  const count = kernel.aliveCount;
  let changed = false;
  let visits = kernel.visits;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    const visit = ++visits;
    let own = ownUs[k]!;
    let most = 0;
    let least = 0;
    let before = -1;
    for (let a = firstArc[k]!; a >= 0;) {
      const p = arcTo[a]!;
      const flag = flags[p]!;
      let next = arcNext[a]!;
      if ((flag & (available | folded | merged)) === 0 && seenBy[p] !== visit) {
        seenBy[p] = visit;
        most += priceUs[p]!;
        if (consumers[p] === 1 || (flag & hopeless) !== 0) least += boundUs[p]!;
        before = a;
        a = next;
        continue;
      }
      // The arc goes; a merged parent leaves its own parents in its place.
      if ((flag & available) !== 0) {
        // free
      } else if ((flag & folded) !== 0) own += priceUs[p]!;
      else if ((flag & merged) !== 0) {
        own += ownUs[p]!;
        arcNext[lastArc[p]!] = next;
        if (next < 0) lastArc[k] = lastArc[p]!;
        next = firstArc[p]!;
      } else {
        consumers[p]!--;
        changed = true;
      }
      if (before < 0) firstArc[k] = next;
      else arcNext[before] = next;
      if (next < 0) lastArc[k] = before;
      a = next;
    }
    ownUs[k] = own;
    most += own;
    least += own;
    boundUs[k] = least;
    let flag = flags[k]!;
    if ((flag & open) !== 0) {
      const load = priceUs[k]!;
      if (load >= most) {
        flag &= ~open;
        priceUs[k] = most;
        changed = true;
        problemFlags[list[top - k]!]! &= ~open;
      } else if (load <= least) {
        flag &= ~open;
        problemFlags[list[top - k]!] = (problemFlags[list[top - k]!]! & ~open) | cut;
        ownUs[k] = load;
        priceUs[k] = load;
        boundUs[k] = load;
        changed = true;
        for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) consumers[arcTo[a]!]!--;
        firstArc[k] = -1;
        lastArc[k] = -1;
      } else priceUs[k] = load;
    } else {
      if ((flag & hopeless) !== 0) most = boundUs[k] = Number.POSITIVE_INFINITY;
      else if (least === Number.POSITIVE_INFINITY) flag |= hopeless;
      priceUs[k] = most;
    }
    if ((flag & (available | open)) === 0 && consumers[k] === 1) {
      flag |= firstArc[k]! < 0 ? folded : merged;
    }
    flags[k] = flag;
  }
  kernel.visits = visits;
  return changed;
}

/** One descending pass: availability spreads, what nobody asks for goes, loads nobody would pay for are excluded. */
export function lower(kernel: KernelGraph, w: Workspace): boolean {
  const { ownUs, priceUs, boundUs, flags, consumers, firstArc, lastArc, alive, arcTo, arcNext } = kernel;
  const { flags: problemFlags, list } = w;
  const top = kernel.nodeCount - 1;
  const count = kernel.aliveCount;
  let changed = false;
  for (let i = 0; i < count; i++) boundUs[alive[i]!] = 0;
  for (let i = count - 1; i >= 0; i--) {
    const k = alive[i]!;
    const flag = flags[k]!;
    if ((flag & (folded | merged)) !== 0) continue;
    if ((flag & available) !== 0) {
      if ((flag & open) === 0) {
        flags[k] = flag | settled;
        for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) flags[arcTo[a]!]! |= available;
        changed = true;
        continue;
      }
    } else if (consumers[k] === 0) {
      flags[k] = flag | settled;
      for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) consumers[arcTo[a]!]!--;
      changed = true;
      continue;
    }
    let us = (flag & available) !== 0 ? priceUs[k]! : boundUs[k]!;
    if ((flag & available) === 0) {
      if (us <= ownUs[k]!) {
        if ((flag & hopeless) === 0 && ((flag & open) !== 0 || firstArc[k]! >= 0 || us < Infinity)) {
          if ((flag & open) !== 0) {
            problemFlags[list[top - k]!] = (problemFlags[list[top - k]!]! & ~open) | cut;
            ownUs[k] = priceUs[k]!;
            flags[k] = flag & ~open;
          } else flags[k] = flag | hopeless;
          changed = true;
          for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) consumers[arcTo[a]!]!--;
          firstArc[k] = -1;
          lastArc[k] = -1;
        }
        continue;
      }
      if ((flag & open) !== 0) {
        if (us <= priceUs[k]!) {
          problemFlags[list[top - k]!]! &= ~open;
          flags[k] = flag & ~open;
          changed = true;
        } else us = priceUs[k]!;
      }
    }
    us = us > maxExact ? Number.POSITIVE_INFINITY : us - ownUs[k]!;
    for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) boundUs[arcTo[a]!]! += us;
  }
  // Keep what is left, in order.
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    if ((flags[k]! & (folded | merged | settled)) === 0) alive[kept++] = k;
  }
  kernel.aliveCount = kept;
  return changed || kept < count;
}
