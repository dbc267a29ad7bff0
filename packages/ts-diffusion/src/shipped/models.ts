/**
 * Addresses of the weights that come with the package: files in Node, downloads in a page. Bundlers find them by these
 * expressions and copy them. All files of `shipped` lie two folders below the package, as the built files do, so that the same
 * expressions hold in both.
 */
export const shippedModelFiles = {
  modern: new URL('../../models/modern.safetensors', import.meta.url),
  quick: new URL('../../models/quick.safetensors', import.meta.url),
  paper: new URL('../../models/paper.safetensors', import.meta.url),
  colour: new URL('../../models/colour.safetensors', import.meta.url),
  student: new URL('../../models/student.safetensors', import.meta.url),
  evaluator: new URL('../../models/evaluator.safetensors', import.meta.url),
  'feature-network': new URL('../../models/feature-network.safetensors', import.meta.url),
  'second-feature-network': new URL('../../models/second-feature-network.safetensors', import.meta.url),
} as const;

/** The file with the default sampling of the models among them. */
export const manifestFile = new URL('../../models/manifest.json', import.meta.url);

/** The address of a file of the package by its name, or undefined for any other name. */
export function shippedModelFile(name: string): URL | undefined {
  return Object.hasOwn(shippedModelFiles, name) ? shippedModelFiles[name as keyof typeof shippedModelFiles] : undefined;
}
