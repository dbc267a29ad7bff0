export { type LoadDatasetOptions, loadDataset, loadEmbeddedDigits } from '../data/sources.js';
