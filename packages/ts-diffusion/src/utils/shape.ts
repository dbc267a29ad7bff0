/** The extents of an array, outermost axis first. */
export type Shape = readonly number[];

/** The number of elements of an array; 1 for a scalar, whose shape is []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
