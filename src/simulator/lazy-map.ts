/** A map that is made when it is first looked at: most executors on a virtual clock never look. */
export class LazyMap<K, V> implements ReadonlyMap<K, V> {
  readonly #make: () => ReadonlyMap<K, V>;
  #made: ReadonlyMap<K, V> | undefined;

  constructor(make: () => ReadonlyMap<K, V>) {
    this.#make = make;
  }

  get size(): number {
    return this.#map().size;
  }

  get(key: K): V | undefined {
    return this.#map().get(key);
  }

  has(key: K): boolean {
    return this.#map().has(key);
  }

  forEach(see: (value: V, key: K, map: ReadonlyMap<K, V>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.#map()) see.call(thisArg, value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return this.#map().entries();
  }

  keys(): MapIterator<K> {
    return this.#map().keys();
  }

  values(): MapIterator<V> {
    return this.#map().values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#map().entries();
  }

  #map(): ReadonlyMap<K, V> {
    return (this.#made ??= this.#make());
  }
}
