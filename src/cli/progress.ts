import { SingleBar } from "cli-progress";
import { systemClock } from "../core/clock.ts";
import type { Effects, OptionValues } from "./command.ts";

/** Progress of one piece of long work, on stderr. */
export interface Progress {
  /** Work done so far, in the units of `total`, and what is being done. */
  update(done: number, note?: string): void;
  /** Raises the total when more work turns up. */
  setTotal(total: number): void;
  stop(): void;
}

const silent: Progress = { update: () => {}, setTotal: () => {}, stop: () => {} };

/** Nothing is drawn for work that ends sooner. */
const showAfterUs = 1_000_000;
const plainEveryUs = 5_000_000;

/**
 * Opens a progress display that appears once the work has taken a second: a bar with time left on a terminal, a line
 * now and then elsewhere (`--progress plain`), nothing with `--progress none`, `--quiet` or, in mode `auto`, off a terminal.
 */
export function openProgress(effects: Effects, values: OptionValues, label: string, total: number): Progress {
  const mode = values["progress"] ?? "auto";
  if (values["quiet"] === true || mode === "none" || (mode === "auto" && !effects.isTerminal)) return silent;
  const startUs = systemClock.nowUs();
  return mode === "plain" || !effects.isTerminal
    ? plainProgress(effects, label, total, startUs)
    : barProgress(label, total, startUs, effects);
}

function plainProgress(effects: Effects, label: string, total: number, startUs: number): Progress {
  let lastUs = startUs;
  let whole = total;
  return {
    update(done, note = "") {
      const nowUs = systemClock.nowUs();
      if (nowUs - lastUs < plainEveryUs) return;
      lastUs = nowUs;
      effects.stderr(`${label}: ${done}/${whole} ${note}\n`);
    },
    setTotal(next) {
      whole = next;
    },
    stop() {},
  };
}

function barProgress(label: string, total: number, startUs: number, effects: Effects): Progress {
  const plain = effects.env["NO_COLOR"] !== undefined;
  let bar: SingleBar | undefined;
  let whole = total;
  return {
    update(done, note = "") {
      if (bar === undefined) {
        if (systemClock.nowUs() - startUs < showAfterUs) return;
        bar = new SingleBar({
          format: `${label} {bar} {value}/{total} {eta_formatted} left {note}`,
          barCompleteChar: plain ? "#" : "█",
          barIncompleteChar: plain ? "-" : "░",
          hideCursor: true,
          clearOnComplete: true,
          stream: process.stderr,
        });
        bar.start(whole, done, { note });
      }
      bar.update(done, { note });
    },
    setTotal(next) {
      whole = next;
      bar?.setTotal(next);
    },
    stop() {
      bar?.stop();
    },
  };
}
