/** Tooltips for charts that have none; browser-safe. */
type Part = Readonly<Record<string, unknown>>;

const pointed = new Set(["point", "circle", "square", "bar", "rect", "arc", "tick"]);
const nested = ["layer", "concat", "hconcat", "vconcat"] as const;

const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null && !Array.isArray(value);

/** The same chart with tooltips: what marks say to screen readers, else their encoded values. */
export function withTooltips(spec: Part): Part {
  const own: Record<string, unknown> = { ...spec };
  for (const name of nested) {
    const parts = own[name];
    if (Array.isArray(parts)) own[name] = parts.map((part: unknown) => (isPart(part) ? withTooltips(part) : part));
  }
  if (isPart(own["spec"])) own["spec"] = withTooltips(own["spec"]);
  const { mark, encoding } = own;
  if (mark === undefined) return own;
  const type = isPart(mark) ? mark["type"] : mark;
  if (isPart(encoding) && encoding["tooltip"] === undefined && encoding["description"] !== undefined)
    own["encoding"] = { ...encoding, tooltip: encoding["description"] };
  else if (typeof type === "string" && pointed.has(type) && !(isPart(encoding) && encoding["tooltip"] !== undefined))
    own["mark"] = { tooltip: true, ...(isPart(mark) ? mark : { type }) };
  return own;
}
