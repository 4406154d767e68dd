/** Sparse linear and mixed-integer programs, solved by HiGHS (WebAssembly). The only file that imports it. */
import highsModule, { type Highs, type InterruptCallbackEvent } from "highs";

// The package's types describe its CommonJS form; its ES module exports the loader itself.
const loadHighs = highsModule as unknown as typeof highsModule.default;

let loading: Promise<Highs> | undefined;

/** What a solver run ended with. */
export interface ProgramOutcome {
  /** `optimal` within the tolerances below; `limit`: a limit was reached first. */
  readonly status: "optimal" | "limit" | "failed";
  /** Floating point: to be checked in integers by the caller. */
  readonly objective: number;
  /** Proven lower bound as far as floating point goes; the objective for linear programs. */
  readonly dualBound: number;
  /** Shape (columns). */
  readonly values: Float64Array;
  /** Simplex iterations of branch and bound, as last told. */
  readonly iterations: number;
  /** Shape (rows); only for linear programs. */
  readonly rowDuals: Float64Array | undefined;
}

/** A minimization over columns within [low, high], built row by row. */
export class LinearProgram {
  readonly #costs: number[] = [];
  readonly #lows: number[] = [];
  readonly #highs: number[] = [];
  readonly #integer: number[] = [];
  readonly #rowLows: number[] = [];
  readonly #rowHighs: number[] = [];
  readonly #starts: number[] = [0];
  readonly #indices: number[] = [];
  readonly #values: number[] = [];

  get columnCount(): number {
    return this.#costs.length;
  }

  get integerCount(): number {
    return this.#integer.reduce((sum, flag) => sum + flag, 0);
  }

  get rowCount(): number {
    return this.#rowLows.length;
  }

  /** Adds a variable in [0, high]; @returns its index. */
  column(
    cost: number,
    options: { readonly integer?: boolean; readonly low?: number; readonly high?: number } = {},
  ): number {
    this.#costs.push(cost);
    this.#lows.push(options.low ?? 0);
    this.#highs.push(options.high ?? 1);
    this.#integer.push(options.integer === true ? 1 : 0);
    return this.#costs.length - 1;
  }

  /** Adds low ≤ Σ value·column ≤ high; @returns its index. */
  row(low: number, high: number, entries: readonly (readonly [column: number, value: number])[]): number {
    for (const [column, value] of entries) {
      this.#indices.push(column);
      this.#values.push(value);
    }
    this.#starts.push(this.#indices.length);
    this.#rowLows.push(low);
    this.#rowHighs.push(high);
    return this.#rowLows.length - 1;
  }

  /** The program in plain arrays, for independent solvers. */
  description(): {
    readonly costs: readonly number[];
    readonly highs: readonly number[];
    readonly integer: readonly number[];
    readonly rows: readonly { low: number; high: number; entries: [number, number][] }[];
  } {
    const rows = this.#rowLows.map((low, r) => ({
      low,
      high: this.#rowHighs[r]!,
      entries: this.#indices
        .slice(this.#starts[r], this.#starts[r + 1])
        .map((column, k): [number, number] => [column, this.#values[this.#starts[r]! + k]!]),
    }));
    return { costs: this.#costs, highs: this.#highs, integer: this.#integer, rows };
  }

  /**
   * Solves with the tightest tolerances HiGHS has and no gap; deterministic: one thread, fixed seed, limits are counts.
   *
   * @param options `relaxed` drops integrality; `maxNodes` and `maxIterations` limit branch and bound by nodes and by simplex
   *   iterations over all of its linear programs
   */
  async solve(
    options: { readonly relaxed?: boolean; readonly maxNodes?: number; readonly maxIterations?: number } = {},
  ): Promise<ProgramOutcome> {
    const highs = await (loading ??= loadHighs());
    const isMixed = options.relaxed !== true && this.integerCount > 0;
    const infinite = (value: number): number =>
      Number.isFinite(value) ? value : value > 0 ? highs.infinity : -highs.infinity;
    const model = highs.createModel({
      numCols: this.columnCount,
      numRows: this.rowCount,
      colCost: Float64Array.from(this.#costs),
      colLower: Float64Array.from(this.#lows),
      colUpper: Float64Array.from(this.#highs, infinite),
      rowLower: Float64Array.from(this.#rowLows, infinite),
      rowUpper: Float64Array.from(this.#rowHighs, infinite),
      matrix: {
        format: "csr",
        numRows: this.rowCount,
        numCols: this.columnCount,
        starts: Int32Array.from(this.#starts),
        indices: Int32Array.from(this.#indices),
        values: Float64Array.from(this.#values),
      },
      ...(isMixed ? { integrality: Int32Array.from(this.#integer) } : {}),
    });
    try {
      model.options.set({
        output_flag: false,
        random_seed: 0,
        primal_feasibility_tolerance: 1e-9,
        dual_feasibility_tolerance: 1e-9,
      });
      if (isMixed)
        model.options.set({
          mip_feasibility_tolerance: 1e-9,
          mip_rel_gap: 0,
          mip_abs_gap: 1e-9,
          ...(options.maxNodes === undefined ? {} : { mip_max_nodes: options.maxNodes }),
        });
      const maxIterations = options.maxIterations ?? Infinity;
      let iterations = 0;
      const { modelStatus } = model.run(
        isMixed
          ? {
              [highs.constants.callbackType.mipInterrupt]: (event: InterruptCallbackEvent) => {
                iterations = Number(event.data.mip_total_lp_iterations ?? 0);
                if (iterations > maxIterations) event.interrupt();
                return undefined;
              },
            }
          : undefined,
      );
      const { modelStatus: codes } = highs.constants;
      const objective = model.getObjectiveValue();
      const solution = model.getSolution();
      const values = Float64Array.from(solution.colValue);
      const status =
        modelStatus === codes.optimal
          ? "optimal"
          : modelStatus === codes.solutionLimit || modelStatus === codes.interrupted
            ? "limit"
            : "failed";
      const dualBound = isMixed ? Number(model.info.get("mip_dual_bound")) : objective;
      return {
        status,
        objective,
        dualBound,
        values,
        iterations,
        rowDuals: isMixed ? undefined : Float64Array.from(solution.rowDual),
      };
    } finally {
      model.dispose();
    }
  }
}
