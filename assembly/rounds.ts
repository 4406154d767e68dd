/** Bounds with what is known by now, as `exact/rounds.ts`. */
import * as w from "./workspace";
import { available, cut, open, settled } from "./workspace";

const roundLimit: i32 = 2;
const worthwhile: i32 = 4;

export function tightenBounds(): f64 {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const states = w.states;
  const priceUs = w.priceUs;
  const leastUs = w.leastUs;
  const flags = w.flags;
  const consumers = w.consumers;
  const list = w.list;
  let left = w.listed;
  let doors = w.gates;
  let costUs: f64 = 0;
  for (let round = 0; round < roundLimit && doors > 0; round++) {
    let changed = false;
    for (let i = left - 1; i >= 0; i--) {
      const v = list[i];
      const flag = flags[v];
      if ((flag & cut) != 0) {
        leastUs[v] = priceUs[v];
        continue;
      }
      let most = computeUs[v];
      let least = most;
      for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
        const p = parentIds[e];
        if ((flags[p] & available) != 0) continue;
        most += priceUs[p];
        if (consumers[p] == 1) least += leastUs[p];
      }
      leastUs[v] = least;
      if ((flag & open) == 0) {
        priceUs[v] = most;
        continue;
      }
      const load = loadUs[v];
      if (load >= most) {
        flags[v] = flag & ~open;
        priceUs[v] = most;
        if ((flag & available) != 0) changed = true;
      } else if (load <= least) {
        flags[v] = (flag & ~open) | cut;
        leastUs[v] = load;
        changed = true;
        for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
          const p = parentIds[e];
          consumers[p]--;
        }
      }
    }
    if (!changed) break;

    let kept = 0;
    doors = 0;
    for (let i = 0; i < left; i++) {
      const v = list[i];
      const flag = flags[v];
      if ((flag & available) != 0) {
        if ((flag & (open | cut)) == 0) {
          states[v] = 1;
          costUs += computeUs[v];
          for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
            const p = parentIds[e];
            flags[p] |= available;
          }
          continue;
        }
        if ((flag & cut) != 0) {
          states[v] = 2;
          costUs += loadUs[v];
          continue;
        }
        doors++;
      } else if (consumers[v] == 0) {
        if ((flag & cut) == 0)
          for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
            const p = parentIds[e];
            consumers[p]--;
          }
        continue;
      }
      list[kept++] = v;
    }
    const settled = left - kept;
    left = kept;
    if (settled * worthwhile < left) break;
  }
  w.setListed(doors == 0 ? 0 : left, doors);
  return costUs;
}
