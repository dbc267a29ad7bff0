import type { UNet2DConfig } from './unet2d-config.js';

/** @throws RangeError where the numbers of a configuration do not fit each other */
export function checkUNet2D(config: UNet2DConfig): void {
  const { channels, downBlocks, upBlocks, normGroups, midNormGroups, headChannels, midAttention } = config;
  const levels = channels.length;
  if (downBlocks.length !== levels || upBlocks.length !== levels) {
    throw new RangeError(
      `${levels} levels of channels need as many blocks each way, got ${downBlocks.length} down and ${upBlocks.length} up`,
    );
  }
  const [first = 0] = channels;
  if (first < 4 || first % 2 !== 0) {
    throw new RangeError(
      `the first level embeds the timestep and needs an even number of channels, at least 4, got ${first}`,
    );
  }
  for (const [level, width] of channels.entries()) {
    if (width % normGroups !== 0) {
      throw new RangeError(
        `${width} channels cannot be normalised in ${normGroups} groups; give a multiple of ${normGroups}`,
      );
    }
    const attends = [downBlocks[level], upBlocks[levels - 1 - level]].includes('attention');
    const isMiddle = level === levels - 1 && midAttention;
    if (headChannels !== null && (attends || isMiddle) && width % headChannels !== 0) {
      throw new RangeError(
        `${width} channels cannot be split into attention heads of ${headChannels}; give a multiple of ${headChannels}`,
      );
    }
  }
  const lowest = channels.at(-1) ?? 0;
  if (midNormGroups !== null && lowest % midNormGroups !== 0) {
    throw new RangeError(`${lowest} channels cannot be normalised in ${midNormGroups} groups`);
  }
}
