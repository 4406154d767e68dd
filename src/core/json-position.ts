/** Finds where in a JSON text a value stands, so that an error about a parsed document can name its line. */

/** Keys and indices from the root of a document to a value. */
export type JsonPath = readonly (string | number)[];

/**
 * Line (from 1) of the value at `path`, or of the last value on the way that exists. O(length of the text), no recursion.
 *
 * @param text valid JSON
 */
export function lineOf(text: string, path: JsonPath): number {
  let at = skipSpace(text, 0);
  for (const key of path) {
    const next = typeof key === "number" ? elementAt(text, at, key) : memberAt(text, at, key);
    if (next < 0) break;
    at = next;
  }
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < at; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && " \t\r\n".includes(text[i]!)) i++;
  return i;
}

/** Position after the string that opens at `from`. */
function skipString(text: string, from: number): number {
  let i = from + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

/** Position after the value that starts at `from`. */
function skipValue(text: string, from: number): number {
  let i = from;
  let depth = 0;
  do {
    const c = text[i]!;
    if (c === '"') i = skipString(text, i);
    else {
      if (c === "{" || c === "[") depth++;
      if (c === "}" || c === "]") depth--;
      i++;
    }
  } while (i < text.length && (depth > 0 || !",]} \t\r\n".includes(text[i]!)));
  return i;
}

/** Start of element `index` of the array at `from`; −1 if that is no array or too short. */
function elementAt(text: string, from: number, index: number): number {
  if (text[from] !== "[") return -1;
  let i = skipSpace(text, from + 1);
  for (let k = 0; text[i] !== "]"; k++) {
    if (k === index) return i;
    i = skipSpace(text, skipValue(text, i));
    if (text[i] === ",") i = skipSpace(text, i + 1);
  }
  return -1;
}

/** Start of the value of the last member called `key` of the object at `from`; −1 if there is none. */
function memberAt(text: string, from: number, key: string): number {
  if (text[from] !== "{") return -1;
  let found = -1;
  let i = skipSpace(text, from + 1);
  while (text[i] === '"') {
    const end = skipString(text, i);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(i, end)) === key) found = value;
    i = skipSpace(text, skipValue(text, value));
    if (text[i] === ",") i = skipSpace(text, i + 1);
  }
  return found;
}
