/** Number of insertions, deletions, replacements and swaps of neighbours between two texts; O(|a|·|b|). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The valid names to suggest for an unknown one: those that begin with it or contain it and those a few keystrokes away, nearest
 * first; if none is near, all of them in their order.
 *
 * @param limit at most this many near ones, default 3
 */
export function nearest(unknown: string, valid: readonly string[], limit = 3): readonly string[] {
  const wanted = unknown.slice(0, 100).toLowerCase();
  const near = valid
    .map((name, order) => {
      const text = name.toLowerCase();
      const isPart = wanted.length >= 3 && (text.includes(wanted) || wanted.includes(text));
      return { name, order, distance: isPart ? 1 : editDistance(wanted, text) };
    })
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.order - b.order);
  return near.length > 0 ? near.slice(0, limit).map(({ name }) => name) : valid;
}
