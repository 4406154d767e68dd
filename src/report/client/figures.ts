/** Figures come alive when they come into view: Vega in place of the picture, tooltips on hover, marks by arrow keys. */
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { narrowed } from "./narrow.ts";
import { hideTooltip, linesOf, showTooltip } from "./tooltip.ts";
import { unpack } from "./unpack.ts";

const refuse = (): never => {
  throw new Error("figures load nothing from outside");
};

/** Padding of a figure, both sides. */
const framePx = 18;

async function enliven(figure: HTMLElement, id: string): Promise<void> {
  const still = figure.querySelector<HTMLElement>(".still");
  const live = document.createElement("div");
  live.className = "live";
  live.hidden = true;
  figure.append(live);
  const whole = (await unpack(id)) as vega.Spec;
  const spec = narrowed(whole, figure.clientWidth - framePx);
  if (spec !== whole) figure.classList.add("narrow");
  const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
    renderer: "svg",
    container: live,
    hover: true,
    expr: expressionInterpreter,
    loader: { options: {}, load: refuse, sanitize: refuse, http: refuse, file: refuse },
    logLevel: vega.Error,
    tooltip: (_handler: unknown, event: MouseEvent, _item: unknown, value: unknown) => {
      if (value === null || value === undefined || value === "") return hideTooltip();
      const { clientX: x, clientY: y } = event;
      showTooltip(linesOf(value), { left: x, right: x, top: y, bottom: y + 8 });
    },
  } as vega.ViewOptions);
  await view.runAsync();
  if (still !== null) still.hidden = true;
  live.hidden = false;
  figure.dataset["live"] = "yes";
}

/** Marks that carry a description, in drawing order. */
function marksOf(figure: HTMLElement): readonly Element[] {
  const shown = [...figure.children].find(
    (child) => child instanceof HTMLElement && !child.hidden && child.matches(".live, .still"),
  );
  return [...(shown?.querySelectorAll('[role="graphics-symbol"][aria-label]') ?? [])].filter(
    (mark) =>
      mark.getAttribute("aria-label") !== "" &&
      !/(?:axis|legend|title)/u.test(mark.getAttribute("aria-roledescription") ?? ""),
  );
}

function walkMarks(figure: HTMLElement): void {
  let at = -1;
  const spoken = document.createElement("p");
  spoken.className = "spoken";
  spoken.setAttribute("aria-live", "polite");
  figure.append(spoken);
  const leave = (): void => {
    for (const mark of figure.querySelectorAll(".pointed")) mark.classList.remove("pointed");
    hideTooltip();
  };
  figure.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const marks = marksOf(figure);
    if (marks.length === 0) return;
    event.preventDefault();
    leave();
    at = at < 0 && step < 0 ? marks.length - 1 : (at + step + marks.length) % marks.length;
    const mark = marks[at]!;
    mark.classList.add("pointed");
    mark.scrollIntoView({ block: "nearest", inline: "nearest" });
    const label = mark.getAttribute("aria-label") ?? "";
    spoken.textContent = label;
    requestAnimationFrame(() => showTooltip(linesOf(label), mark.getBoundingClientRect()));
  });
  figure.addEventListener("blur", leave);
}

/** Prepares every figure of the page. One that cannot be drawn keeps its picture. */
export function startFigures(): void {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue;
        observer.unobserve(target);
        enliven(target, target.dataset["spec"] ?? "").catch((error: unknown) => {
          target.dataset["live"] = "failed";
          console.error("figure stays a picture:", error);
        });
      }
    },
    { rootMargin: "300px" },
  );
  for (const figure of document.querySelectorAll<HTMLElement>("figure.chart")) {
    walkMarks(figure);
    if (figure.dataset["spec"] !== undefined) observer.observe(figure);
  }
}
