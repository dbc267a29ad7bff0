export { loadDataset, loadEmbeddedDigits } from '../data/sources.js';
