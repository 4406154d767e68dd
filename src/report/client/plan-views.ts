/** The plan view: one iteration of a workflow under two systems, side by side. */
import { formatBytes, formatUs } from "../charts/units.ts";
import { describeNode, drawPlan, planMeasures } from "../plan-view/draw.ts";
import { layoutLayers } from "../plan-view/layers.ts";
import type { PlanRun, PlanVersion, PlanView } from "../plan-view/plan-record.ts";
import { hideTooltip, showTooltip } from "./tooltip.ts";
import { unpack } from "./unpack.ts";

const changeWords = {
  initial: "initial version",
  dpr: "pre-processing edit",
  li: "learning edit",
  ppr: "post-processing edit",
} as const;

interface Pane {
  readonly root: HTMLElement;
  readonly choice: HTMLSelectElement;
  readonly figures: HTMLElement;
  readonly canvas: HTMLElement;
}

function make(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

class PlanViewer {
  readonly #root: HTMLElement;
  readonly #view: PlanView;
  readonly #panes: readonly Pane[];
  readonly #title: HTMLElement;
  readonly #steps: readonly HTMLButtonElement[];
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  #at = 0;
  #node = 0;
  #width = 0;

  constructor(root: HTMLElement, view: PlanView) {
    this.#root = root;
    this.#view = view;
    this.#previous = this.#button("‹ Previous", "previous", () => this.go(this.#at - 1));
    this.#next = this.#button("Next ›", "next", () => this.go(this.#at + 1));
    this.#title = make("p", "now");
    this.#title.setAttribute("aria-live", "polite");
    const strip = make("div", "strip");
    strip.setAttribute("role", "group");
    strip.setAttribute("aria-label", "Iterations");
    this.#steps = view.versions.map((version, i) => {
      const step = this.#button(String(version.iteration), version.changeType, () => this.go(i));
      step.title = `iteration ${version.iteration}: ${changeWords[version.changeType]}${version.label === "" ? "" : `, ${version.label}`}`;
      step.setAttribute("aria-label", step.title);
      strip.append(step);
      return step;
    });
    const bar = make("div", "bar");
    bar.append(this.#previous, strip, this.#next);
    const both = make("div", "panes");
    const shown = Math.min(2, view.runs.length);
    this.#panes = Array.from({ length: shown }, (_, i) => this.#pane(i));
    both.append(...this.#panes.map((pane) => pane.root));
    root.replaceChildren(bar, this.#title, both);
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("pointerover", (event) => this.#point(event.target));
    root.addEventListener("focusin", (event) => this.#point(event.target));
    for (const leaving of ["pointerout", "focusout"]) root.addEventListener(leaving, () => this.#unpoint());
    new ResizeObserver(() => {
      if (Math.abs(this.#paneWidth() - this.#width) > 20) this.draw();
    }).observe(root);
    this.go(0);
  }

  /** Shows an iteration; out of range does nothing. */
  go(at: number): void {
    if (at < 0 || at >= this.#view.versions.length) return;
    this.#at = at;
    this.draw();
    this.#steps[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  draw(): void {
    const version = this.#view.versions[this.#at]!;
    hideTooltip();
    this.#width = this.#paneWidth();
    const hadFocus = this.#root.contains(document.activeElement) ? document.activeElement?.closest(".node") : null;
    const pane = this.#panes.findIndex(
      ({ canvas }) => hadFocus !== null && hadFocus !== undefined && canvas.contains(hadFocus),
    );
    const { nodeWidth, gapX } = planMeasures;
    const perLayer = Math.min(9, Math.max(2, Math.floor(this.#width / (nodeWidth + gapX))));
    const layout = layoutLayers(
      version.nodes.map(({ parents }) => parents),
      perLayer,
    );
    const isLast = this.#at === this.#view.versions.length - 1;
    this.#previous.disabled = this.#at === 0;
    this.#next.disabled = isLast;
    for (const [i, step] of this.#steps.entries()) {
      if (i === this.#at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
    const chip = make("span", `chip ${version.changeType}`, changeWords[version.changeType]);
    const label = make("span", "label", version.label);
    this.#title.replaceChildren(make("strong", "", `Iteration ${version.iteration}`), chip, label);
    for (const { choice, figures, canvas } of this.#panes) {
      const run = this.#view.runs[Number(choice.value)]!;
      const step = run.steps[this.#at];
      if (step === undefined) {
        figures.replaceChildren();
        canvas.replaceChildren(make("p", "ends", `No plan here: ${run.ends ?? "the run ended"}.`));
        continue;
      }
      figures.replaceChildren(...summary(run, version, this.#at));
      canvas.innerHTML = drawPlan(version, step, layout, `Plan of ${run.system} in iteration ${version.iteration}`);
    }
    this.#node = Math.min(this.#node, version.nodes.length - 1);
    if (pane >= 0) this.#focus(pane, this.#node);
  }

  #paneWidth(): number {
    return this.#panes[0]?.canvas.clientWidth ?? this.#root.clientWidth;
  }

  #button(text: string, className: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  #pane(index: number): Pane {
    const root = make("div", "pane");
    const label = document.createElement("label");
    const choice = document.createElement("select");
    for (const [i, { system }] of this.#view.runs.entries()) choice.append(new Option(system, String(i)));
    choice.value = String(index);
    choice.addEventListener("change", () => this.draw());
    label.append(make("span", "", index === 0 ? "System " : "beside "), choice);
    const figures = make("dl", "figures");
    const canvas = make("div", "canvas");
    root.append(label, figures, canvas);
    return { root, choice, figures, canvas };
  }

  #key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const pane = this.#panes.findIndex(({ canvas }) => event.target instanceof Node && canvas.contains(event.target));
    const count = this.#view.versions[this.#at]!.nodes.length;
    const act: Record<string, (() => void) | undefined> = {
      ArrowLeft: () => this.go(this.#at - 1),
      ArrowRight: () => this.go(this.#at + 1),
      Home: () => this.go(0),
      End: () => this.go(this.#view.versions.length - 1),
      ArrowUp: pane < 0 ? undefined : () => this.#focus(pane, (this.#node + count - 1) % count),
      ArrowDown: pane < 0 ? undefined : () => this.#focus(pane, (this.#node + 1) % count),
    };
    const action = act[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  #focus(pane: number, node: number): void {
    const canvas = this.#panes[pane]!.canvas;
    for (const other of canvas.querySelectorAll(".node[tabindex='0']")) other.setAttribute("tabindex", "-1");
    const target = canvas.querySelector<SVGGElement>(`.node[data-node="${node}"]`);
    target?.setAttribute("tabindex", "0");
    target?.focus();
  }

  #point(target: EventTarget | null): void {
    const node = target instanceof Element ? target.closest<SVGGElement>(".node") : null;
    if (node === null) return;
    const at = Number(node.dataset["node"]);
    this.#node = at;
    const version = this.#view.versions[this.#at]!;
    for (const { canvas, choice } of this.#panes) {
      for (const same of canvas.querySelectorAll(
        `.node[data-node="${at}"], .edge[data-from="${at}"], .edge[data-to="${at}"]`,
      ))
        same.classList.add("pointed");
      const outcome = this.#view.runs[Number(choice.value)]?.steps[this.#at]?.outcomes[at];
      if (canvas.contains(node) && outcome !== undefined)
        showTooltip(describeNode(version.nodes[at]!, outcome), node.getBoundingClientRect());
    }
  }

  #unpoint(): void {
    for (const pointed of this.#root.querySelectorAll(".pointed")) pointed.classList.remove("pointed");
    hideTooltip();
  }
}

function summary(run: PlanRun, version: PlanVersion, at: number): readonly HTMLElement[] {
  const step = run.steps[at]!;
  const count = (state: string): number =>
    step.outcomes.filter((outcome) => outcome.state === state && outcome.sameAs === null).length;
  const times = `compute ${formatUs(step.computeUs)}, load ${formatUs(step.loadUs)}, write ${formatUs(step.writeUs)}`;
  const entries: readonly (readonly [string, string, string])[] = [
    ["this iteration", formatUs(step.runUs), times],
    ["so far", formatUs(step.cumulativeUs), `after iteration ${version.iteration}`],
    ["stored", formatBytes(step.storedBytes), `${step.outcomes.filter(({ written }) => written).length} written now`],
    ["results", `${count("compute")} computed`, `${count("load")} loaded, ${count("prune") + count("sliced")} pruned`],
  ];
  return entries.map(([name, value, more]) => {
    const entry = make("div", "");
    entry.append(make("dt", "", name), make("dd", "", value), make("dd", "more", more));
    return entry;
  });
}

/** Starts every plan view of the page. */
export function startPlanViews(): void {
  for (const root of document.querySelectorAll<HTMLElement>(".plan-view[data-plan]"))
    unpack(root.dataset["plan"] ?? "")
      .then((view) => {
        const viewer = new PlanViewer(root, view as PlanView);
        root.dataset["live"] = "yes";
        return viewer;
      })
      .catch((error: unknown) => {
        root.dataset["live"] = "failed";
        console.error("plan view:", error);
      });
}
