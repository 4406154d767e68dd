/** Arrays in linear memory without bounds checks, and where they lie. */

/** 64-bit floats. */
@unmanaged
export class Floats {
  @inline @operator("[]") get(i: i32): f64 {
    return load<f64>(changetype<usize>(this) + ((<usize>i) << 3));
  }
  @inline @operator("[]=") set(i: i32, value: f64): void {
    store<f64>(changetype<usize>(this) + ((<usize>i) << 3), value);
  }
}

/** 32-bit integers. */
@unmanaged
export class Ints {
  @inline @operator("[]") get(i: i32): i32 {
    return load<i32>(changetype<usize>(this) + ((<usize>i) << 2));
  }
  @inline @operator("[]=") set(i: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + ((<usize>i) << 2), value);
  }
}

/** Bytes. */
@unmanaged
export class Bytes {
  @inline @operator("[]") get(i: i32): i32 {
    return <i32>load<u8>(changetype<usize>(this) + <usize>i);
  }
  @inline @operator("[]=") set(i: i32, value: i32): void {
    store<u8>(changetype<usize>(this) + <usize>i, <u8>value);
  }
}

/** First free byte while arrays are laid out. */
let top: usize = 0;

function take(bytes: usize): usize {
  const at = top;
  top = (at + bytes + 63) & ~(<usize>63);
  return at;
}
export function floats(count: i32): Floats {
  return changetype<Floats>(take((<usize>count) << 3));
}
export function ints(count: i32): Ints {
  return changetype<Ints>(take((<usize>count) << 2));
}
export function bytes(count: i32): Bytes {
  return changetype<Bytes>(take(<usize>count));
}

/** Room for records of so many bytes each. @returns its address */
export function records(count: i32, size: i32): usize {
  return take(<usize>count * <usize>size);
}

/** Starts a new layout; all earlier arrays are gone. */
export function beginLayout(): void {
  top = (__heap_base + 63) & ~(<usize>63);
}

/** Makes the memory as large as the layout. @returns false if it cannot grow */
export function endLayout(): bool {
  const pages = <i32>((top + 0xffff) >>> 16);
  const more = pages - memory.size();
  return more <= 0 || memory.grow(more) >= 0;
}
