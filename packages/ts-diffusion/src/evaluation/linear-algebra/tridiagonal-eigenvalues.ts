/** Convergence is cubic and takes 2 or 3 steps per eigenvalue; what is left after so many is rounding. */
const MOST_STEPS = 60;

/**
 * The eigenvalues of a symmetric tridiagonal matrix by the QL algorithm with Wilkinson's shift (Bowdler, Martin, Reinsch &
 * Wilkinson 1968; EISPACK `tql1`), each within a few n · ε of the largest one's magnitude.
 *
 * @param diagonal [n], replaced by the eigenvalues in no particular order
 * @param offDiagonal [n - 1] or more, destroyed
 * @throws RangeError for values that are not finite
 */
export function tridiagonalEigenvalues(diagonal: Float64Array, offDiagonal: Float64Array): void {
  const n = diagonal.length;
  let norm = 0;
  for (let i = 0; i < n; i++) {
    norm = Math.max(norm, Math.abs(diagonal[i] as number) + (i < n - 1 ? Math.abs(offDiagonal[i] as number) : 0));
  }
  if (!Number.isFinite(norm)) throw new RangeError('a matrix with values that are not finite has no eigenvalues');
  const negligible = (Number.EPSILON / 2) * norm;
  for (let first = 0; first < n; first++) {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      // The block that begins here ends at the first off-diagonal element that is rounding.
      let last = first;
      while (last < n - 1 && Math.abs(offDiagonal[last] as number) > negligible) last++;
      if (last === first) break;
      qlStep(diagonal, offDiagonal, first, last);
    }
  }
}

/** One implicit QL step on rows first .. last: rotations from the bottom chase the bulge to the top. */
function qlStep(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const top = d[first] as number;
  const halfGap = ((d[first + 1] as number) - top) / 2;
  const coupling = e[first] as number;
  const distance = Math.hypot(halfGap, coupling);
  const shift = top - (coupling * coupling) / (halfGap + (halfGap < 0 ? -distance : distance));

  let [sine, cosine, carried] = [1, 1, 0];
  let g = (d[last] as number) - shift;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const r = Math.sqrt(f * f + g * g);
    if (i + 1 < last) e[i + 1] = r;
    if (r === 0) {
      // The matrix splits here before the bulge has arrived.
      d[i + 1] = (d[i + 1] as number) - carried;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = (d[i + 1] as number) - carried;
    const q = ((d[i] as number) - g) * sine + 2 * cosine * b;
    carried = sine * q;
    d[i + 1] = g + carried;
    g = cosine * q - b;
  }
  d[first] = (d[first] as number) - carried;
  e[first] = g;
}
