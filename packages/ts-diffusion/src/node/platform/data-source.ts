export { loadEmbeddedDigits } from '../data/embedded.js';
export { type LoadDatasetOptions, loadDataset } from '../data/sources.js';
