/**
 * The meaning of the row-wise text operators, in TypeScript: what the engines' SQL is tested against.
 * Only A–Z, a–z and 0–9 are letters and digits here; engines differ beyond them. Lengths count code points.
 */

/** Upper-case letters → X, lower-case → x, digits → 0, the rest stays: `McCoy-9` → `XxXxx-0`. */
export function wordShape(token: string): string {
  return token.replaceAll(/[A-Z]/gu, "X").replaceAll(/[a-z]/gu, "x").replaceAll(/[0-9]/gu, "0");
}

/** {@link wordShape} with runs of X, x and 0 collapsed to one: `Johnson` → `Xx`. */
export function shortShape(token: string): string {
  return token
    .replaceAll(/[A-Z]+/gu, "X")
    .replaceAll(/[a-z]+/gu, "x")
    .replaceAll(/[0-9]+/gu, "0");
}

/** First `length` characters; null if there are fewer. */
export function prefixOf(token: string, length: number): string | null {
  const points = Array.from(token);
  return points.length < length ? null : points.slice(0, length).join("");
}

/** Last `length` characters; null if there are fewer. */
export function suffixOf(token: string, length: number): string | null {
  const points = Array.from(token);
  return points.length < length ? null : points.slice(-length).join("");
}

/** True for an upper-case letter followed by lower-case letters only, at least one. */
export function isTitle(token: string): boolean {
  return /^[A-Z][a-z]+$/u.test(token);
}

/** True if there is a digit. */
export function hasDigit(token: string): boolean {
  return /[0-9]/u.test(token);
}
