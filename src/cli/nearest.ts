import { UsageError } from "../core/errors.ts";

/** Number of single-character edits (insert, delete, replace) between two texts. O(|a|·|b|). */
export function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(before[j]! + 1, row[j - 1]! + 1, before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    before = row;
  }
  return before[b.length]!;
}

/** Up to `count` valid ids closest to what was typed, closest first; ids that contain it or start alike come before others. */
export function nearestIds(typed: string, ids: readonly string[], count = 3): readonly string[] {
  const wanted = typed.toLowerCase();
  const scored = ids.map((id) => {
    const related = wanted !== "" && (id.includes(wanted) || wanted.includes(id));
    return { id, distance: editDistance(wanted, id) - (related ? 100 : 0) };
  });
  scored.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1));
  return scored.slice(0, count).map(({ id }) => id);
}

/** The error for an id that does not exist: names the nearest valid ones and how to list them all. */
export function unknownId(kind: string, typed: string, ids: readonly string[]): UsageError {
  return new UsageError(
    `unknown ${kind} "${typed}"; nearest: ${nearestIds(typed, ids).join(", ")}; see all with: reuselab list ${kind}s`,
  );
}
