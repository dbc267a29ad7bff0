/** What decides where a network attends; see `ModernUNetConfig`. */
interface AttendingNetwork {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly channels: readonly number[];
  readonly attention: 'none' | 'bottleneck' | readonly number[];
  readonly attentionHeads?: number;
}

/** Side of the feature maps of each level, outermost first. */
function resolutions({ imageSize, patchSize, channels }: AttendingNetwork): number[] {
  return channels.map((_, level) => imageSize / (patchSize * 2 ** level));
}

/** The levels at which pixels attend to each other, counted from 0, the outermost. */
export function attendingLevels(config: AttendingNetwork): number[] {
  const { attention, channels } = config;
  if (attention === 'none') return [];
  if (attention === 'bottleneck') return [channels.length - 1];
  return resolutions(config).flatMap((side, level) => (attention.includes(side) ? [level] : []));
}

/** Why the network cannot attend as it should and what to do, without a full stop; undefined where it can. */
export function attentionProblem(config: AttendingNetwork): string | undefined {
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
