/**
 * The font that charts are drawn with: its files (from a package, so a machine without fonts still shows text) and the
 * widths of its characters, so that legends and labels get the room they need without a canvas.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Font files in the order regular, bold. */
export function fontFiles(): readonly string[] {
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
}

/** Widths of characters in a TrueType font, in em. */
export interface FontMetrics {
  /** Width of a text at 1 px font size; characters the font lacks count as its missing glyph. */
  widthEm(text: string): number;
}

/**
 * Reads advance widths (tables `hmtx`, `cmap` format 4: the basic plane) of a TrueType file.
 * @throws {RangeError} when the file is not a TrueType font with such tables
 */
export function readFontMetrics(file: string): FontMetrics {
  const data = readFileSync(file);
  const tables = new Map<string, number>();
  for (let i = 0; i < data.readUInt16BE(4); i++)
    tables.set(data.toString("latin1", 12 + 16 * i, 16 + 16 * i), data.readUInt32BE(12 + 16 * i + 8));
  const at = (name: string): number => {
    const offset = tables.get(name);
    if (offset === undefined) throw new RangeError(`${file}: no table "${name}"; expected a TrueType font`);
    return offset;
  };
  const unitsPerEm = data.readUInt16BE(at("head") + 18);
  const metricCount = data.readUInt16BE(at("hhea") + 34);
  const hmtx = at("hmtx");
  const glyphOf = readCharacterMap(data, at("cmap"), file);
  const advance = (glyph: number): number => data.readUInt16BE(hmtx + 4 * Math.min(glyph, metricCount - 1));
  return {
    widthEm(text) {
      let units = 0;
      for (const character of text) units += advance(glyphOf(character.codePointAt(0) ?? 0));
      return units / unitsPerEm;
    },
  };
}

function readCharacterMap(data: Buffer, cmap: number, file: string): (codePoint: number) => number {
  let table: number | undefined;
  for (let i = 0; i < data.readUInt16BE(cmap + 2); i++) {
    const offset = cmap + data.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (data.readUInt16BE(offset) === 4) table = offset;
  }
  if (table === undefined) throw new RangeError(`${file}: no character map of format 4`);
  const start = table;
  const doubledCount = data.readUInt16BE(start + 6);
  const endCodes = start + 14;
  const startCodes = endCodes + doubledCount + 2;
  const deltas = startCodes + doubledCount;
  const offsets = deltas + doubledCount;
  return (codePoint) => {
    if (codePoint > 0xff_ff) return 0;
    for (let s = 0; s < doubledCount; s += 2) {
      if (data.readUInt16BE(endCodes + s) < codePoint) continue;
      const first = data.readUInt16BE(startCodes + s);
      if (first > codePoint) return 0;
      const offset = data.readUInt16BE(offsets + s);
      const delta = data.readUInt16BE(deltas + s);
      if (offset === 0) return (codePoint + delta) % 65_536;
      const glyph = data.readUInt16BE(offsets + s + offset + 2 * (codePoint - first));
      return glyph === 0 ? 0 : (glyph + delta) % 65_536;
    }
    return 0;
  };
}
