import { ConfigError } from './errors.js';
/**
 * What a stream of random numbers is for: the first element of its path, so that streams of one seed never overlap.
 */
export const Purpose = {
  initialisation: 0,
  shuffle: 1,
  trainingBatch: 2,
  sampling: 3,
  bootstrap: 4,
  kernelSubsets: 5,
  likelihoodNoise: 6,
  likelihoodTerms: 7,
  dropout: 8,
  degradation: 9,
  inceptionSplits: 10,
  flip: 11,
  validationSplit: 12,
  validation: 13,
  classOrder: 14,
  classShuffle: 15,
  twoSampleHalves: 16,
  distillation: 17,
  teacherSamples: 18,
} as const;

/** Ziggurat tables (Marsaglia & Tsang 2000), 128 layers of equal area under exp(-x²/2). */
const LAYERS = 128;
const TAIL_START = 3.442619855899;
const LAYER_AREA = 9.91256303526217e-3;
const layerWidth = new Float64Array(LAYERS + 1);
const layerDensity = new Float64Array(LAYERS + 1);

const density = (x: number): number => Math.exp(-0.5 * x * x);

layerWidth[0] = LAYER_AREA / density(TAIL_START);
layerWidth[1] = TAIL_START;
for (let i = 1, x = TAIL_START; i < LAYERS - 1; i++) {
  x = Math.sqrt(-2 * Math.log(density(x) + LAYER_AREA / x));
  layerWidth[i + 1] = x;
}
for (let i = 0; i <= LAYERS; i++) layerDensity[i] = density(layerWidth[i] ?? 0);

/** The high 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011):
 * a bijection of the 128-bit counter for every 64-bit key. Writes four 32-bit words to `out`.
 */
export function philox4x32(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let a = counter0;
  let b = counter1;
  let c = counter2;
  let d = counter3;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, a);
    const low0 = Math.imul(0xd2511f53, a);
    const high1 = multiplyHigh(0xcd9e8d57, c);
    const low1 = Math.imul(0xcd9e8d57, c);
    a = high1 ^ b ^ k0;
    b = low1;
    c = high0 ^ d ^ k1;
    d = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

function checkInteger(what: string, value: number, largest: number): void {
  if (!Number.isInteger(value) || value < 0 || value > largest) {
    throw new ConfigError(`${what} must be an integer from 0 to ${largest}, got ${String(value)}`);
  }
}

/**
 * A stream of random numbers that is a pure function of (seed, path): Philox4x32-10 with the seed as key and the path in
 * the counter, so that any stream starts in constant time and no two (seed, path) share a number by construction.
 *
 * Integers, uniforms and permutations are the same in every JavaScript engine. Normals go through `Math.exp` and `Math.log`
 * (in the ziggurat's tables and, for about 1 number in 80, on its slow path), whose last bit may differ between engines:
 * within one engine they are reproducible to the bit, across engines to about 1e-7.
 */
export class RandomStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #pathLength: number;
  readonly #path0: number;
  readonly #path1: number;
  readonly #words = new Uint32Array(4);
  #block = 0;
  #used = 4;

  /**
   * @param seed integer 0..2^53-1
   * @param path up to two integers 0..2^32-1, by custom (purpose, index); (s), (s, 0) and (s, 0, 0) are different streams
   * @throws ConfigError for anything else
   */
  constructor(seed: number, ...path: number[]) {
    checkInteger('seed', seed, Number.MAX_SAFE_INTEGER);
    if (path.length > 2) throw new ConfigError(`a stream's path has at most 2 elements, got ${path.length}`);
    path.forEach((element, i) => {
      checkInteger(`path element ${i}`, element, 0xffffffff);
    });
    this.#key0 = seed | 0;
    this.#key1 = Math.floor(seed / 2 ** 32);
    this.#pathLength = path.length;
    this.#path0 = path[0] ?? 0;
    this.#path1 = path[1] ?? 0;
  }

  /** The next 32 random bits, as an unsigned integer. */
  #word(): number {
    if (this.#used === 4) {
      // The upper half of the 64-bit block number has room to spare: its top two bits tell path lengths apart.
      const high = (this.#pathLength << 30) | Math.floor(this.#block / 2 ** 32);
      philox4x32(this.#block | 0, high, this.#path0, this.#path1, this.#key0, this.#key1, this.#words);
      this.#block++;
      this.#used = 0;
    }
    return this.#words[this.#used++] as number;
  }

  /** Uniform on [0, 1), 53 bits. */
  uniform(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /**
   * Uniform on 0..bound-1, without modulo bias.
   * @throws ConfigError unless bound is an integer 1..2^32
   */
  integer(bound: number): number {
    checkInteger('bound - 1', bound - 1, 0xffffffff);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const word = this.#word();
      if (word < limit) return word % bound;
    }
  }

  /** Fills `out` with independent standard normals (ziggurat with separate bits for layer, sign and abscissa). */
  fillNormal(out: Float32Array): void {
    // One loop, no function per number: each number returned by a function can cost an object on the heap.
    for (let i = 0; i < out.length;) {
      const word = this.#word();
      const layer = word & 127;
      const sign = word & 128 ? -1 : 1;
      const x = (word >>> 8) * 2 ** -24 * (layerWidth[layer] as number);
      if (x < (layerWidth[layer + 1] as number) || (layer > 0 && this.#isBelowDensity(layer, x))) out[i++] = sign * x;
      else if (layer === 0) out[i++] = sign * this.#normalTail();
    }
  }

  /** Whether a point drawn at `x` from the edge of a ziggurat layer lies below the density. */
  #isBelowDensity(layer: number, x: number): boolean {
    const bottom = layerDensity[layer] as number;
    const top = layerDensity[layer + 1] as number;
    return bottom + this.uniform() * (top - bottom) < density(x);
  }

  /** A normal conditioned on being beyond the ziggurat's base (Marsaglia 1964). */
  #normalTail(): number {
    for (;;) {
      const x = -Math.log(1 - this.uniform()) / TAIL_START;
      const y = -Math.log(1 - this.uniform());
      if (y + y >= x * x) return TAIL_START + x;
    }
  }

  /** A uniformly random permutation of 0..n-1 (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }
}
