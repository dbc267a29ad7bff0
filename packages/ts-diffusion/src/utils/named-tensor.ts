/** A tensor outside of any graph: as files hold it. */
export interface NamedTensor {
  readonly shape: readonly number[];
  /** Row-major; as many elements as the shape says. */
  readonly data: Float32Array;
}
