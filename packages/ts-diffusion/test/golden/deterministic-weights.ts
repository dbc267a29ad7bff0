/** Pseudo-random tensors that TypeScript and Python make bit for bit alike (twin: bench/golden/deterministic.py). */

/** FNV-1a, 32 bits, of the UTF-8 bytes of a name. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3 over hashName(name) + (i + 1) * 0x9E3779B9, modulo 2^32, for i = 0..count-1. */
export function hashSequence(name: string, count: number): Uint32Array {
  const out = new Uint32Array(count);
  let state = hashName(name);
  for (let i = 0; i < count; i++) {
    state = (state + 0x9e3779b9) >>> 0;
    let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    out[i] = h ^ (h >>> 16);
  }
  return out;
}

/** Uniform in [-bound, bound), row-major, every value rounded once from float64 to float32. */
export function deterministicTensor(name: string, count: number, bound: number): Float32Array {
  const out = new Float32Array(count);
  const hashes = hashSequence(name, count);
  for (let i = 0; i < count; i++) out[i] = bound * (2 * ((hashes[i] as number) / 2 ** 32) - 1);
  return out;
}

/**
 * A parameter's golden value in PyTorch's shape and order: uniform with bound 1 / sqrt(fan-in). The fan-in is PyTorch's:
 * weight.shape[1] times the kernel's area (for transposed convolutions too); a bias has its weight's, so `weightShape` is
 * the shape of the weight beside it.
 */
export function deterministicParameter(name: string, shape: readonly number[], weightShape = shape): Float32Array {
  const fanIn = weightShape.slice(1).reduce((product, size) => product * size, 1);
  const count = shape.reduce((product, size) => product * size, 1);
  return deterministicTensor(name, count, 1 / Math.sqrt(fanIn));
}

/** Every parameter of a model, by name, from the shapes PyTorch gives them. */
export function deterministicParameters(
  shapes: Iterable<{ readonly name: string; readonly shape: readonly number[] }>,
): Map<string, { shape: number[]; data: Float32Array }> {
  const specs = [...shapes];
  const shapeOf = new Map(specs.map((spec) => [spec.name, spec.shape]));
  return new Map(
    specs.map(({ name, shape }) => {
      const weightShape = shapeOf.get(name.replace(/\.bias$/, '.weight')) ?? shape;
      return [name, { shape: [...shape], data: deterministicParameter(name, shape, weightShape) }];
    }),
  );
}
