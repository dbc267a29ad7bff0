export { toModelRange } from '../data/batches.js';
export { EMBEDDED } from '../data/embedded.js';
export { type Dataset, createDataset } from '../data/dataset.js';
export { type IdxArray, decodeIdx, encodeIdx } from '../data/idx.js';
export { loadDataset, loadEmbeddedDigits } from '#platform/data-source.js';
export { nextTurn } from '../utils/next-turn.js';
export { type ImageSet } from '../data/image-set.js';
