import { createRuntime } from 'ts-diffusion';
import { imagesAt, loadDataset } from 'ts-diffusion/data';
import { ImageScorer, imagesOfDataset, loadEvaluationNetworks } from 'ts-diffusion/evaluation';

/** The scores of every 500th digit from one on, against those from another. */
globalThis.score = async (options) => {
  const digits = await loadDataset({ split: 'train', directory: 'embedded' });
  const set = (first) =>
    imagesOfDataset(
      imagesAt(
        digits,
        Array.from({ length: 20 }, (_, i) => 500 * i + first),
        `digits ${first}`,
      ),
    );
  const networks = await loadEvaluationNetworks(await createRuntime());
  return await new ImageScorer(networks, set(0), set(1)).score(set(2), options);
};
