/** Contraction of the kernel, as `exact/contraction.ts`. */
import * as w from "./workspace";
import { available, cut, folded, hopeless, maxExact, merged, open, settled } from "./workspace";

/** Kernel nodes that are left; the first so many of `kAlive`. */
export let aliveCount: i32 = 0;
/** Visits of {@link raise} to nodes since the kernel was built. */
let visits: i32 = 0;

export function beginContraction(nodes: i32): void {
  aliveCount = nodes;
  visits = 0;
}

export function raise(): bool {
  const flags = w.flags;
  const kOrigin = w.kOrigin;
  const kOwnUs = w.kOwnUs;
  const kLoadUs = w.kLoadUs;
  const kPriceUs = w.kPriceUs;
  const kLeastUs = w.kLeastUs;
  const kFlags = w.kFlags;
  const kConsumers = w.kConsumers;
  const kFirstArc = w.kFirstArc;
  const kLastArc = w.kLastArc;
  const kSeenBy = w.kSeenBy;
  const kAlive = w.kAlive;
  const kArcTo = w.kArcTo;
  const kArcNext = w.kArcNext;
  const count = aliveCount;
  let changed = false;
  for (let i = 0; i < count; i++) {
    const k = kAlive[i];
    const visit = ++visits;
    let own = kOwnUs[k];
    let most: f64 = 0;
    let least: f64 = 0;
    let before = -1;
    for (let a = kFirstArc[k]; a >= 0;) {
      const p = kArcTo[a];
      const flag = kFlags[p];
      let next = kArcNext[a];
      if ((flag & (available | folded | merged)) == 0 && kSeenBy[p] != visit) {
        kSeenBy[p] = visit;
        most += kPriceUs[p];
        if (kConsumers[p] == 1 || (flag & hopeless) != 0) least += kLeastUs[p];
        before = a;
        a = next;
        continue;
      }
      if ((flag & available) != 0) {
        // free
      } else if ((flag & folded) != 0) own += kPriceUs[p];
      else if ((flag & merged) != 0) {
        own += kOwnUs[p];
        kArcNext[kLastArc[p]] = next;
        if (next < 0) kLastArc[k] = kLastArc[p];
        next = kFirstArc[p];
      } else {
        kConsumers[p]--;
        changed = true;
      }
      if (before < 0) kFirstArc[k] = next;
      else kArcNext[before] = next;
      if (next < 0) kLastArc[k] = before;
      a = next;
    }
    kOwnUs[k] = own;
    most += own;
    least += own;
    kLeastUs[k] = least;
    let flag = kFlags[k];
    if ((flag & open) != 0) {
      const load = kLoadUs[k];
      if (load >= most) {
        flag &= ~open;
        kPriceUs[k] = most;
        changed = true;
        const v = kOrigin[k];
        flags[v] &= ~open;
      } else if (load <= least) {
        flag &= ~open;
        const v = kOrigin[k];
        flags[v] = (flags[v] & ~open) | cut;
        kOwnUs[k] = load;
        kPriceUs[k] = load;
        kLeastUs[k] = load;
        changed = true;
        dropParents(k);
      } else kPriceUs[k] = load;
    } else {
      if ((flag & hopeless) != 0) kLeastUs[k] = most = Infinity;
      else if (least == Infinity) flag |= hopeless;
      kPriceUs[k] = most;
    }
    if ((flag & (available | open)) == 0 && kConsumers[k] == 1) flag |= kFirstArc[k] < 0 ? folded : merged;
    kFlags[k] = flag;
  }
  return changed;
}

function dropParents(k: i32): void {
  const kConsumers = w.kConsumers;
  const kFirstArc = w.kFirstArc;
  const kLastArc = w.kLastArc;
  const kArcTo = w.kArcTo;
  const kArcNext = w.kArcNext;
  for (let a = kFirstArc[k]; a >= 0; a = kArcNext[a]) {
    const p = kArcTo[a];
    kConsumers[p]--;
  }
  kFirstArc[k] = -1;
  kLastArc[k] = -1;
}

export function lower(): bool {
  const flags = w.flags;
  const kOrigin = w.kOrigin;
  const kOwnUs = w.kOwnUs;
  const kLoadUs = w.kLoadUs;
  const kSupplyUs = w.kSupplyUs;
  const kFlags = w.kFlags;
  const kConsumers = w.kConsumers;
  const kFirstArc = w.kFirstArc;
  const kAlive = w.kAlive;
  const kArcTo = w.kArcTo;
  const kArcNext = w.kArcNext;
  const count = aliveCount;
  let changed = false;
  for (let i = 0; i < count; i++) kSupplyUs[kAlive[i]] = 0;
  for (let i = count - 1; i >= 0; i--) {
    const k = kAlive[i];
    const flag = kFlags[k];
    if ((flag & (folded | merged)) != 0) continue;
    let us: f64;
    if ((flag & available) != 0) {
      if ((flag & open) == 0) {
        kFlags[k] = flag | settled;
        for (let a = kFirstArc[k]; a >= 0; a = kArcNext[a]) {
          const p = kArcTo[a];
          kFlags[p] |= available;
        }
        changed = true;
        continue;
      }
      us = kLoadUs[k];
    } else {
      if (kConsumers[k] == 0) {
        kFlags[k] = flag | settled;
        for (let a = kFirstArc[k]; a >= 0; a = kArcNext[a]) {
          const p = kArcTo[a];
          kConsumers[p]--;
        }
        changed = true;
        continue;
      }
      us = kSupplyUs[k];
      if (us <= kOwnUs[k]) {
        if ((flag & hopeless) == 0 && ((flag & open) != 0 || kFirstArc[k] >= 0 || us < Infinity)) {
          if ((flag & open) != 0) {
            const v = kOrigin[k];
            flags[v] = (flags[v] & ~open) | cut;
            kOwnUs[k] = kLoadUs[k];
            kFlags[k] = flag & ~open;
          } else kFlags[k] = flag | hopeless;
          changed = true;
          dropParents(k);
        }
        continue;
      }
      if ((flag & open) != 0) {
        if (us <= kLoadUs[k]) {
          const v = kOrigin[k];
          flags[v] &= ~open;
          kFlags[k] = flag & ~open;
          changed = true;
        } else us = kLoadUs[k];
      }
    }
    us = us > maxExact ? Infinity : us - kOwnUs[k];
    for (let a = kFirstArc[k]; a >= 0; a = kArcNext[a]) {
      const p = kArcTo[a];
      kSupplyUs[p] += us;
    }
  }
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const k = kAlive[i];
    if ((kFlags[k] & (folded | merged | settled)) == 0) kAlive[kept++] = k;
  }
  aliveCount = kept;
  return changed || kept < count;
}

export function getAlive(): i32 {
  return aliveCount;
}
export function buildNet(): i32 {
  const kOwnUs = w.kOwnUs;
  const kLoadUs = w.kLoadUs;
  const kFlags = w.kFlags;
  const kConsumers = w.kConsumers;
  const kFirstArc = w.kFirstArc;
  const kAlive = w.kAlive;
  const kArcTo = w.kArcTo;
  const kArcNext = w.kArcNext;
  const supply = w.supply;
  const drain = w.drain;
  const count = aliveCount;
  const at = kSeenBy;
  const entry = kLastArc;
  begin(2 * count);
  let nodes = 0;
  for (let i = 0; i < count; i++) {
    const k = kAlive[i];
    const flag = kFlags[k];
    const y = nodes++;
    at[k] = y;
    drain[y] = kOwnUs[k];
    if ((flag & available) != 0) supply[y] = kLoadUs[k];
    for (let a = kFirstArc[k]; a >= 0; a = kArcNext[a]) {
      const p = kArcTo[a];
      const above = kFlags[p];
      if ((above & available) != 0) continue;
      const x = entry[p];
      arc(y, x, (above & open) != 0 && x == at[p] ? kLoadUs[p] : maxExact);
    }
    if ((flag & (open | available)) == open && kConsumers[k] > 1) {
      entry[k] = nodes;
      arc(nodes++, y, kLoadUs[k]);
    } else entry[k] = y;
  }
  flowNodes = nodes;
  return nodes;
}
