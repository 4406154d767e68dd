const isStoredMark = 1;
const isCandidateMark = 2;

/** What is stored of an experiment graph and what can be, as it was when an iteration ended. */
export class SettledVertices {
  /** By vertex. */
  #marks = new Uint8Array(64);
  #stored: readonly number[] = [];
  #candidates: readonly number[] = [];

  /** Each once. */
  get stored(): readonly number[] {
    return this.#stored;
  }
  /** Each once, ascending. */
  get candidates(): readonly number[] {
    return this.#candidates;
  }

  isStored(vertex: number): boolean {
    return (this.#marks[vertex]! & isStoredMark) !== 0;
  }
  isCandidate(vertex: number): boolean {
    return (this.#marks[vertex]! & isCandidateMark) !== 0;
  }

  /** Takes over another state; vertices are below `vertexCount`. O(vertices of both · log). */
  settle(vertexCount: number, stored: Iterable<number>, candidates: Iterable<number>): void {
    const nowStored = [...stored];
    const nowCandidates = [...candidates];
    if (this.#marks.length < vertexCount) this.#marks = new Uint8Array(2 * vertexCount);
    else for (const list of [this.#stored, this.#candidates]) for (const vertex of list) this.#marks[vertex] = 0;
    this.#stored = this.#mark(nowStored, isStoredMark);
    this.#candidates = this.#mark(nowCandidates, isCandidateMark).sort((a, b) => a - b);
  }

  /** @returns each once */
  #mark(vertices: readonly number[], mark: number): number[] {
    const marks = this.#marks;
    const found: number[] = [];
    for (const vertex of vertices) {
      if ((marks[vertex]! & mark) !== 0) continue;
      marks[vertex]! |= mark;
      found.push(vertex);
    }
    return found;
  }
}
