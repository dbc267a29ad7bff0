/** In place of modules that only Node can run. */
const refuse = (): never => {
  throw new Error('This part of ts-diffusion runs in Node only.');
};

export const loadCheckpoint = refuse;
export const createNodeRuntime = refuse;
export const readClassifier = refuse;
