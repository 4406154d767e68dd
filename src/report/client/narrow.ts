/** Figures on narrow screens: the plot as wide as the page, legends below it, long titles in several lines. */
import type { Legend, Spec } from "vega";

/** Room beside the plot for the axis and its labels, in pixels. */
const besidePlot = 84;

/** A plot is never made narrower than this. */
const leastWidth = 220;

/** Mean width of a letter of titles and subtitles, in pixels. */
const letter = { text: 8.4, subtitle: 5.6 } as const;

interface Title {
  readonly text?: unknown;
  readonly subtitle?: unknown;
}

/** Labels of several names are set one below the other. */
const brokenLabels = {
  update: { text: { signal: "length(datum.label) > 40 ? split(datum.label, ' = ') : datum.label" } },
};

/** The same figure for a place of so many pixels; as it is where it fits, or where its width follows from its data. */
export function narrowed(spec: Spec, placePx: number): Spec {
  if (typeof spec.width !== "number" || spec.width + besidePlot <= placePx) return spec;
  const title = spec.title as Title | undefined;
  return {
    ...spec,
    width: Math.max(leastWidth, Math.floor(placePx) - besidePlot),
    ...(spec.legends === undefined ? {} : { legends: spec.legends.map(below), config: stacked(spec.config) }),
    ...(title === undefined
      ? {}
      : {
          title: {
            ...title,
            text: wrapped(title.text, placePx / letter.text),
            subtitle: wrapped(title.subtitle, placePx / letter.subtitle),
          } as NonNullable<Spec["title"]>,
        }),
  };
}

/** Several legends one below the other. */
function stacked(config: Spec["config"] = {}): NonNullable<Spec["config"]> {
  const { legend } = config as { legend?: { layout?: object } };
  const bottom = { direction: "vertical", anchor: "start", margin: 14 } as const;
  return { ...config, legend: { ...legend, layout: { ...legend?.layout, bottom } } };
}

function below(legend: Legend): Legend {
  const place = { orient: "bottom", direction: "vertical", columns: 1 } as const;
  return { ...legend, ...place, ...(legend.encode === undefined ? { encode: { labels: brokenLabels } } : {}) };
}

/** Lines of at most so many letters, broken at spaces; what is no text stays as it is. */
function wrapped(text: unknown, letters: number): unknown {
  const lines: readonly unknown[] = Array.isArray(text) ? text : [text];
  if (!lines.every((line) => typeof line === "string")) return text;
  return lines.flatMap((line) => {
    const out: string[] = [""];
    for (const word of line.split(" ")) {
      const last = out.at(-1) ?? "";
      if (last !== "" && last.length + word.length + 1 > letters) out.push(word);
      else out[out.length - 1] = last === "" ? word : `${last} ${word}`;
    }
    return out;
  });
}
