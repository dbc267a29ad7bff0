import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClassifiedSet } from '../../src/evaluation/classified-set.js';
import { FileEvaluationCache } from '../../src/node/evaluation/evaluation-cache.js';
import { InceptionFeatures } from '../../src/evaluation/inception/features.js';
import type { InceptionWeights } from '../../src/evaluation/inception/weights.js';
import { scoredImages, type ScoredImages } from '../../src/evaluation/scored-images.js';
import { scoreFid } from '../../src/evaluation/scores/fid.js';
import type { Scored } from '../../src/evaluation/scores/scoring.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { goldenInceptionWeights } from '../golden/inception.js';
import { digitSets, untrainedNetworks } from './untrained-networks.js';

const runtime = await createNodeRuntime({ threads: 1 });
const networks = untrainedNetworks(runtime);

let folder: string;
let weights: InceptionWeights;
let reference: ScoredImages;
let real: ScoredImages;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fid-'));
  weights = goldenInceptionWeights();
  [reference, real] = (await digitSets(5, 4)) as [ScoredImages, ScoredImages];
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function fidOf(samples: ScoredImages, changes: Partial<InceptionWeights> = {}): Promise<Scored> {
  const inception = new InceptionFeatures(runtime, { ...weights, ...changes });
  const [ofSamples, ofReference, ofReal] = [samples, reference, real].map(
    (set) => new ClassifiedSet(set, networks),
  ) as [ClassifiedSet, ClassifiedSet, ClassifiedSet];
  const cache = new FileEvaluationCache(folder);
  const sets = { samples: ofSamples, reference: ofReference, real: ofReal };
  const scored = await scoreFid({ ...sets, cache, seed: 0, onProgress: () => undefined }, inception);
  await inception.dispose();
  return scored;
}

test('the distance of real images is the floor, that of the reference itself 0', { timeout: 240_000 }, async () => {
  const ofReal = await fidOf(real);
  const [score] = ofReal.scores;
  expect(score?.metric).toBe('Frechet distance (Inception-v3, other weights)');
  expect(score?.value).toBeGreaterThan(0);
  expect(score?.value).toBeCloseTo(score?.floor ?? NaN, 6);
  expect(score?.conditions).toMatchObject({
    network: { sha256: weights.sha256, features: 2048 },
    samples: 4,
    reference: { count: 5, sha256: reference.sha256 },
    resize: 'bilinear to 299x299',
  });
  expect(ofReal.warnings.join()).toContain('4 images for 2048 features: their covariance is singular');
  // What is known of the real images need not be computed again.
  expect(readdirSync(folder)).toHaveLength(2);

  const ofReference = await fidOf(reference);
  expect(ofReference.scores[0]?.value).toBeLessThan(1e-6 * (score?.value ?? NaN));
  expect(ofReference.scores[0]?.floor).toBe(score?.floor);
  expect(ofReference.warnings.join()).toContain('of 5 samples but its floor of 4 real images');
});

test('it is called FID over the published weights alone', { timeout: 240_000 }, async () => {
  expect((await fidOf(real, { published: true })).scores[0]?.metric).toBe('FID');
});

test('coloured images are seen in RGB, not as their luma', { timeout: 240_000 }, async () => {
  const inThree = (factors: readonly number[]): ScoredImages => {
    const colours = Uint8Array.from({ length: 3 * real.images.length }, (_, i) => {
      return (real.images[Math.floor(i / 3)] as number) * (factors[i % 3] as number);
    });
    return scoredImages(real.images, real, null, 'coloured', colours);
  };
  const distance = async (set: ScoredImages): Promise<number> => (await fidOf(set)).scores[0]?.value ?? NaN;
  const gray = await distance(real);
  // The repeated network of gray images and the one of RGB add in another order.
  expect((await distance(inThree([1, 1, 1]))) / gray).toBeCloseTo(1, 3);
  expect(Math.abs((await distance(inThree([1, 0.5, 0.25]))) / gray - 1)).toBeGreaterThan(0.01);
});
