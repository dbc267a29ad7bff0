export { loadModel } from '../models/load-model.js';
