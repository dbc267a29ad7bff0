export { type Dataset, createDataset, seenClasses, type Split } from '../data/dataset.js';
export { type IdxArray, decodeIdx, encodeIdx } from '../data/idx.js';
export { type ImageSet } from '../data/image-set.js';
export { parseJson } from '../formats/parse-json.js';
export { type Safetensors, decodeSafetensors, encodeSafetensors } from '../formats/safetensors.js';
export { nextTurn } from '../utils/next-turn.js';
