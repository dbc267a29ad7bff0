import type { ModernUNetConfig } from './modern-unet.js';

/** Side of the feature maps of each level, outermost first. */
export function resolutions({
  imageSize,
  patchSize,
  channels,
}: Pick<ModernUNetConfig, 'imageSize' | 'patchSize' | 'channels'>): number[] {
  return channels.map((_, level) => imageSize / (patchSize * 2 ** level));
}

/** The levels at which pixels attend to each other, counted from 0, the outermost. */
export function attendingLevels(config: ModernUNetConfig): number[] {
  const { attention, channels } = config;
  if (attention === 'none') return [];
  if (attention === 'bottleneck') return [channels.length - 1];
  return resolutions(config).flatMap((side, level) => (attention.includes(side) ? [level] : []));
}

/** Why the network cannot attend as it should and what to do, without a full stop; undefined where it can. */
export function attentionProblem(config: ModernUNetConfig): string | undefined {
  const { attention, attentionHeads: heads = 1, channels, imageSize, patchSize } = config;
  const sides = resolutions(config);
  const missing = typeof attention === 'string' ? undefined : attention.find((side) => !sides.includes(side));
  if (missing !== undefined) {
    return (
      `no level has the resolution ${missing} for attention: with images of ${imageSize}x${imageSize} pixels and patches of ` +
      `${patchSize} the levels have ${sides.join(', ')}; choose among these`
    );
  }
  const uneven = attendingLevels(config).find((level) => (channels[level] ?? 0) % heads !== 0);
  return uneven === undefined
    ? undefined
    : `${heads} attention heads do not divide the ${channels[uneven]} channels of the level with resolution ${sides[uneven]}; give a divisor`;
}
