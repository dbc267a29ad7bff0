import { Option, type Command } from 'commander';
import { integer } from './arguments.js';

/** The options that say how many images to draw: in all, or of each class. At most one of them is given. */
export interface CountFlags {
  readonly count?: number;
  readonly perClass?: number;
}

const MOST_IMAGES = 10_000_000;

/**
 * Adds `-n, --count` and `--per-class`, which mean the same wherever images are drawn by class.
 *
 * @param defaults what is drawn without either, in words
 */
export function addCountOptions(command: Command, defaults: string): Command {
  return command
    .addOption(
      new Option('-n, --count <n>', `images in all, shared out evenly among the classes; default: ${defaults}`)
        .argParser(integer(1, MOST_IMAGES))
        .conflicts('perClass'),
    )
    .addOption(new Option('--per-class <n>', 'images of each class instead').argParser(integer(1, MOST_IMAGES)));
}

/**
 * How many images each of `classes` classes gets; where the number in all does not divide, the first get one more.
 *
 * @param otherwise the number of each class where neither option was given
 */
export function countsOf({ count, perClass }: CountFlags, classes: number, otherwise: number): number[] {
  return Array.from({ length: classes }, (_, i) => {
    if (count === undefined) return perClass ?? otherwise;
    return Math.floor(count / classes) + (i < count % classes ? 1 : 0);
  });
}
