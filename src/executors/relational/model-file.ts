/** Models and metrics as text: JSON in which typed arrays keep their bits. */

const tags = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
} as const;
type Tag = keyof typeof tags;

/** Plain data with typed arrays → text; the same data give the same bytes. Maps and functions are no plain data. */
export function encodeModel(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (!ArrayBuffer.isView(field)) return field;
    for (const [tag, type] of Object.entries(tags))
      if (field instanceof type)
        return {
          $typed: tag,
          base64: Buffer.from(field.buffer, field.byteOffset, field.byteLength).toString("base64"),
        };
    return field;
  });
}

/** Reverse of {@link encodeModel}. @throws {SyntaxError} for anything else */
export function decodeModel(text: string): unknown {
  return JSON.parse(text, (_key, field: unknown) => {
    if (typeof field !== "object" || field === null || !("$typed" in field) || !("base64" in field)) return field;
    const bytes = Buffer.from(String(field.base64), "base64");
    const copy = new ArrayBuffer(bytes.byteLength);
    new Uint8Array(copy).set(bytes);
    return new tags[String(field.$typed) as Tag](copy);
  });
}
