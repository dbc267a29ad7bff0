/** In place of Observable Plot's maps, of which the page draws none: what they answer when no projection is asked for. */
export const createProjection = (): undefined => undefined;
export const hasProjection = (): boolean => false;
export const projectionAspectRatio = (): undefined => undefined;

const refuse = (): never => {
  throw new Error('The page draws no maps.');
};

export const applyPosition = refuse;
export const getGeometryChannels = refuse;
export const project = refuse;
export const xyProjection = refuse;
