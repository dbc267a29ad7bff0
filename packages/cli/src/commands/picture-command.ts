import type { Command } from 'commander';
import type { DiffusionPipeline, ImageKind } from 'ts-diffusion';
import type { SamplingData } from 'ts-diffusion/diffusion';
import { integer } from '../options/arguments.js';
import { addDeviceOptions, withPipeline, type CheckpointFlags, type DeviceFlags } from '../options/pipeline-options.js';
import {
  addSamplingOptions,
  guidanceHelp,
  samplingOf,
  type SamplingFlags,
  type SamplingHelp,
} from '../options/sampling-options.js';
import { beside, checkImagesOut, writeAnimation, writeGrid, type Timing } from '../output/write-images.js';
import { print } from '../output/say.js';

/** The options of every command that shows images made of others: edit, inpaint and interpolate. */
export interface PictureFlags extends CheckpointFlags, DeviceFlags, SamplingFlags {
  readonly animate?: boolean;
  readonly scale: number;
  readonly out: string;
}

/** What such a command shows: images in rows, and pictures of the same size one after the other. */
export interface Picture {
  /** [N, C, H, W], 0..255. */
  readonly images: Uint8Array;
  readonly columns: number;
  /** What the columns are, for the line that names the file. */
  readonly about?: string;
  /** The animation, computed only where it is asked for. */
  readonly animation: () => { readonly frames: readonly Uint8Array[]; readonly columns: number } & Timing;
}

/** What tells the commands apart. */
export interface PictureCommand<Flags extends PictureFlags> {
  /** What the animation shows, for the help. */
  readonly animate: string;
  /** Default of `--out`. */
  readonly out: string;
  readonly examples: string;
  readonly sampling?: SamplingHelp;
  /** More help, of what takes time to find out. */
  readonly about?: () => string;
  readonly draw: (pipeline: DiffusionPipeline, flags: Flags, sampling: SamplingData) => Promise<Picture>;
}

/** Adds the options of `PictureFlags`, and the action that draws and writes the picture. */
export function addPictureCommand<Flags extends PictureFlags>(
  command: Command,
  { animate, out, examples, sampling, about, draw }: PictureCommand<Flags>,
): void {
  command
    .option('--animate', `also write an animated GIF ${animate}`)
    .option('--scale <n>', 'screen pixels per image pixel', integer(1, 16), 2)
    .option('-o, --out <file>', 'output file: .png, .jpg or .webp', out)
    .addHelpText('after', () => `${examples}${guidanceHelp}${about?.() ?? ''}`)
    .action(async (flags: Flags) => {
      checkImagesOut(flags.out, 'grid', flags.animate ? ['.gif'] : []);
      await withPipeline(flags, async (pipeline) => {
        await writePicture(await draw(pipeline, flags, samplingOf(flags)), pipeline.model, flags);
      });
    });
  addSamplingOptions(addDeviceOptions(command), sampling);
}

async function writePicture(
  { images, columns, about, animation }: Picture,
  { imageSize, imageChannels }: Pick<ImageKind, 'imageSize' | 'imageChannels'>,
  { out, scale, animate }: PictureFlags,
): Promise<void> {
  const size = { height: imageSize, width: imageSize, channels: imageChannels };
  await writeGrid(out, images, size, columns, scale);
  print(`Wrote ${out}${about === undefined ? '' : ` (columns: ${about})`}`);
  if (!animate) return;
  const path = beside(out, '.gif');
  const { frames, ...layout } = animation();
  await writeAnimation(path, frames, size, { ...layout, scale });
  print(`Wrote ${path}`);
}
