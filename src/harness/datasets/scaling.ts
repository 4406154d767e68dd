/** Lines per chunk of text. */
const linesPerChunk = 2_000;

/** Lines of a text without the empty ones at its end; a carriage return before a line feed is dropped. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/u);
  while (lines.at(-1)?.trim() === "") lines.pop();
  return lines;
}

/** Number of lines {@link scaledLines} makes. */
export function scaledCount(lines: number, scale: number): number {
  const whole = Math.floor(scale);
  return whole * lines + Math.floor(lines * (scale - whole));
}

/**
 * Copies of lines, one whole copy after the other (replication as in the HELIX paper); a fractional rest takes every so many-th
 * line, evenly spaced, so that scale 0.01 is a thinned-out file.
 *
 * @param change makes the line of copy `copy` (0 = the original); default: the line as it is
 */
export function* scaledLines(
  lines: readonly string[],
  scale: number,
  change: (line: string, copy: number) => string = (line) => line,
): Generator<string> {
  const whole = Math.floor(scale);
  const rest = scale - whole;
  let chunk: string[] = [];
  for (let copy = 0; copy <= whole; copy++) {
    for (const [i, line] of lines.entries()) {
      if (copy === whole && Math.floor((i + 1) * rest) === Math.floor(i * rest)) continue;
      chunk.push(change(line, copy));
      if (chunk.length === linesPerChunk) {
        yield `${chunk.join("\n")}\n`;
        chunk = [];
      }
    }
  }
  if (chunk.length > 0) yield `${chunk.join("\n")}\n`;
}
