/** Values of an option that can be given several times; none if it is not given. */
export function listOption(value: string | boolean | readonly string[] | undefined): readonly string[] {
  if (value === undefined || typeof value === "boolean") return [];
  return typeof value === "string" ? [value] : value;
}
