/** The block of packed data of that id. */
function blockOf(id: string): Element {
  const block = document.querySelector(`#${CSS.escape(id)}`);
  if (block === null) throw new Error(`the page has no data "${id}"`);
  return block;
}

/** Text of a block packed as gzip in base64. */
export async function unpackText(id: string): Promise<string> {
  const bytes = Uint8Array.from(atob(blockOf(id).textContent.trim()), (character) => character.codePointAt(0) ?? 0);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** A block of packed data: JSON as it is, or gzip in base64. */
export async function unpack(id: string): Promise<unknown> {
  const block = blockOf(id);
  const isPlain = block.getAttribute("type") === "application/json";
  return JSON.parse(isPlain ? block.textContent : await unpackText(id)) as unknown;
}
