export { toModelRange } from '../data/batches.js';
export { type Dataset, createDataset } from '../data/dataset.js';
export { type IdxArray, decodeIdx, encodeIdx } from '../data/idx.js';
export { nextTurn } from '../utils/next-turn.js';
export { type ImageSet } from '../data/image-set.js';
