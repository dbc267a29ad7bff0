import type { TrainingImages } from 'ts-diffusion/data';

/** What the channels of images are called. */
const channelNames: Readonly<Record<number, string>> = { 2: ' gray with alpha', 3: ' RGB', 4: ' RGB with alpha' };

/** More class names are counted instead of listed. */
const LISTED = 12;

/** Lines on the images that are trained on: how many of what size, and of which classes where these have names. */
export function describeData({ count, height, width, channels = 1, source, classNames }: TrainingImages): string[] {
  const lines = [`data           ${count} images of ${height}x${width}${channelNames[channels] ?? ''} from ${source}`];
  if (classNames === undefined) return lines;
  const more = classNames.length - LISTED;
  const names = classNames.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return [...lines, `classes        ${names}`];
}
