import { rekeyed } from "./experiment-graph-retire.ts";

/** Models of an experiment graph: type of each, and which were learned from an input. */
export class KnownModels {
  readonly #types = new Map<number, string>();
  readonly #over = new Map<number, number[]>();

  typeOf(vertex: number): string | undefined {
    return this.#types.get(vertex);
  }

  /** Adds a model unless it is known. */
  add(vertex: number, type: string, inputs: readonly number[]): void {
    if (this.#types.has(vertex)) return;
    this.#types.set(vertex, type);
    for (const input of inputs) {
      const known = this.#over.get(input);
      if (known === undefined) this.#over.set(input, [vertex]);
      else known.push(vertex);
    }
  }

  /** Models of a type that were learned from an input, in order of appearance. */
  over(input: number, type: string): readonly number[] {
    return (this.#over.get(input) ?? []).filter((vertex) => this.#types.get(vertex) === type);
  }

  /** The models that stay, over inputs that stay. @param newIds by old id */
  retained(newIds: ReadonlyMap<number, number>): KnownModels {
    const models = new KnownModels();
    for (const [vertex, type] of rekeyed(this.#types, newIds)) models.#types.set(vertex, type);
    for (const [input, over] of rekeyed(this.#over, newIds))
      models.#over.set(
        input,
        over.flatMap((vertex) => newIds.get(vertex) ?? []),
      );
    return models;
  }
}
