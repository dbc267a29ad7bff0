export { loadEmbeddedDigits } from '../data/embedded.js';
export { loadDataset } from '../data/sources.js';
