/** The one tooltip of the page: text only, never markup. */

let box: HTMLElement | undefined;

/** Taking the focus may scroll the page; that must not hide what the focus shows. */
let isFresh = false;

function element(): HTMLElement {
  if (box !== undefined) return box;
  box = document.createElement("div");
  box.className = "tooltip";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hideTooltip();
  });
  document.addEventListener(
    "scroll",
    () => {
      if (!isFresh) hideTooltip();
    },
    { capture: true, passive: true },
  );
  return box;
}

/** Shows lines of text beside a rectangle of the window; the first line is emphasised. */
export function showTooltip(
  lines: readonly string[],
  near: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
): void {
  const tip = element();
  tip.replaceChildren(
    ...lines.map((line, i) => {
      const part = document.createElement(i === 0 ? "strong" : "div");
      part.textContent = line;
      return part;
    }),
  );
  tip.hidden = false;
  isFresh = true;
  setTimeout(() => {
    isFresh = false;
  }, 200);
  const { width, height } = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const below = near.bottom + 10;
  const top = below + height > globalThis.innerHeight && near.top - height - 10 >= 0 ? near.top - height - 10 : below;
  const left = Math.min(Math.max(6, (near.left + near.right) / 2 - width / 2), Math.max(6, room - width - 6));
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}

/** Hides the tooltip. */
export function hideTooltip(): void {
  if (box !== undefined) box.hidden = true;
}

/** Lines of a value that Vega hands over, or of a mark's description. */
export function linesOf(value: unknown): readonly string[] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).map(([name, inner]) => `${name}: ${String(inner)}`);
  return String(value).split(/;\s|\n/u);
}
