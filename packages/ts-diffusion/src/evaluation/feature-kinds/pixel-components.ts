import { createFeatures, type Features } from '../features.js';
import { matrix } from '../linear-algebra/matrix.js';
import { principalComponents, project, type PrincipalComponents } from '../linear-algebra/principal-components.js';
import { spreadSubset, type ScoredImages } from '../scored-images.js';
import type { FeatureKind } from './feature-kind.js';

const COMPONENTS = 64;
/** Images that say which the components are; more change little. */
const MOST_IMAGES = 5000;

/** Pixels in all their channels, along the first 64 principal components of the reference images. */
export function pixelComponents(reference: ScoredImages): FeatureKind {
  let found: PrincipalComponents | undefined;
  return {
    name: 'pixels',
    network: null,
    key: { components: COMPONENTS, of: reference.sha256 },
    // A promise, as the networks' features are.
    // eslint-disable-next-line @typescript-eslint/require-await
    of: async (images) => {
      const pixels = pixelsOf(images);
      const count = Math.min(COMPONENTS, pixels.columns);
      found ??= principalComponents(pixelsOf(spreadSubset(reference, MOST_IMAGES)), count);
      return createFeatures(project(pixels, found), count);
    },
  };
}

function pixelsOf({ images, colours, count }: ScoredImages): Features {
  const values = Float32Array.from(colours ?? images);
  return matrix(count, values.length / count, values);
}
