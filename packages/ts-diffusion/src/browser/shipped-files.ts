/** Addresses of the files that come with the package; bundlers find them by these expressions and copy them. */
export const shippedFiles: Readonly<Record<string, URL>> = {
  modern: new URL('../../models/modern.safetensors', import.meta.url),
  quick: new URL('../../models/quick.safetensors', import.meta.url),
  paper: new URL('../../models/paper.safetensors', import.meta.url),
  evaluator: new URL('../../models/evaluator.safetensors', import.meta.url),
  'feature-network': new URL('../../models/feature-network.safetensors', import.meta.url),
};

/** What says how the models among them are drawn from. */
export const manifestUrl = new URL('../../models/manifest.json', import.meta.url);
