import { Purpose, RandomStream } from '../utils/random.js';

/** One term of the bound to evaluate for one image. */
export interface TermDraw {
  readonly image: number;
  /** Index of the term, in the order of the chain. */
  readonly term: number;
  /** How many terms it stands for. */
  readonly weight: number;
}

/**
 * Which terms of which images to evaluate: of each image one term, drawn evenly, out of each of `perImage` strata, so that
 * Σ weight · term is unbiased. Terms fall about as 1 / t (Nichol & Dhariwal 2021, Figure 2), so strata grow with t: the
 * terms next to the image, which differ most, are strata of their own and always evaluated.
 *
 * @param terms how many the chain has, the one next to the image last
 * @param perImage from 1 to `terms`; `terms` gives every term with weight 1
 */
export function* drawTerms(seed: number, images: number, terms: number, perImage: number): Generator<TermDraw> {
  const bounds = strata(terms, perImage);
  for (let image = 0; image < images; image++) {
    const random = new RandomStream(seed, Purpose.likelihoodTerms, image);
    for (let i = 0; i < perImage; i++) {
      const [begin, end] = [bounds[i] as number, bounds[i + 1] as number];
      const fromTheEnd = begin + random.integer(end - begin);
      yield { image, term: terms - 1 - fromTheEnd, weight: end - begin };
    }
  }
}

/** The bounds of `count` strata of 0..terms-1, none of them empty, growing geometrically as far as whole numbers can. */
function strata(terms: number, count: number): number[] {
  const bounds = [0];
  for (let i = 1; i <= count; i++) {
    const wanted = Math.round(terms ** (i / count));
    bounds.push(Math.min(Math.max(wanted, (bounds[i - 1] as number) + 1), terms - (count - i)));
  }
  return bounds;
}
