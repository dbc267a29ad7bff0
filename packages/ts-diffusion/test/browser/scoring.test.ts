import { expect, test } from 'vitest';
import { ImageScorer, type Evaluation } from '../../src/evaluation/evaluate.js';
import { imagesOfDataset } from '../../src/evaluation/scored-images.js';
import { loadEvaluationNetworks } from '../../src/evaluation/shipped-networks.js';
import { imagesAt } from '../../src/data/dataset.js';
import { loadEmbeddedDigits } from '../../src/node/data/embedded.js';
import { createRuntime } from '../../src/node/platform/runtime.js';
import { describeWithChromium } from '../runtime/chromium.js';
import { builtPage } from './built-page.js';

describeWithChromium('ImageScorer in a page', () => {
  const built = builtPage();

  test('scores as in Node, in memory, by the defaults', async () => {
    const page = await built().open('scoring.html');
    await page.waitForFunction('globalThis.score !== undefined');
    const inPage = await page.evaluate<Pick<Evaluation, 'scores' | 'warnings'>>(
      'score().then(({ scores, warnings }) => ({ scores, warnings }))',
    );
    const digits = await loadEmbeddedDigits();
    const set = (first: number) =>
      imagesOfDataset(
        imagesAt(
          digits,
          Array.from({ length: 20 }, (_, i) => 500 * i + first),
          `digits ${first}`,
        ),
      );
    const networks = await loadEvaluationNetworks(await createRuntime({ threads: 1 }));
    const { scores, warnings } = await new ImageScorer(networks, set(0), set(1)).score(set(2));
    expect(inPage.warnings).toEqual(warnings);
    expect(inPage.scores.map(({ metric }) => metric)).toEqual(scores.map(({ metric }) => metric));
    expect(inPage.scores.map(({ value }) => value)).toBeCloseToTensor(
      scores.map(({ value }) => value),
      { rtol: 1e-3, atol: 1e-3 },
    );
  });
});
