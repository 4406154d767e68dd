import { compile, type TopLevelSpec } from "vega-lite";
import type { ChartSpec } from "./charts/spec.ts";
import { withTooltips } from "./with-tooltips.ts";

/** A Vega-Lite chart compiled to Vega, with tooltips. @throws {Error} from Vega-Lite when the specification is not valid */
export function figureSpec(spec: ChartSpec): unknown {
  const logger = {
    level: () => logger,
    error: () => logger,
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return compile(withTooltips(spec) as unknown as TopLevelSpec, { logger }).spec;
}
