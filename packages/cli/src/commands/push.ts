import type { Command } from 'commander';
import { print } from '../output/say.js';

const examples = `
Examples:
  $ diffusion push output/export hf:me/digits             an exported model
  $ diffusion push runs/mine hf:me/pets --private         a run: configuration, checkpoint, metrics, samples, receipts

HF_TOKEN holds a token that may write (huggingface.co/settings/tokens). Files of the same names are replaced, others stay.`;

/** Of a run, what nobody else can use. */
const leftOut = new Set(['run.lock', 'checkpoint.previous.safetensors']);

interface PushFlags {
  readonly private?: boolean;
  readonly message: string;
}

/** Adds the options and action of `diffusion push`. */
export function configurePush(command: Command): void {
  command
    .argument('<folder>', 'a run folder, or a folder written by diffusion export')
    .argument('<address>', 'hf:owner/name, a repository of the Hugging Face Hub; it is made where it is missing')
    .option('--private', 'make a repository that only its owner sees')
    .option('-m, --message <text>', 'message of the commit', 'Upload a model of ts-diffusion')
    .addHelpText('after', examples)
    .action(push);
}

async function push(folder: string, address: string, flags: PushFlags): Promise<void> {
  const { uploadFolder } = await import('ts-diffusion/node');
  const { checkModelFolder } = await import('../input/model-folder.js');
  const { ProgressBar } = await import('../output/progress.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');
  checkModelFolder(folder);
  const signal = stopOnSignal('Stopping; nothing of this upload will be seen.');
  const progress = new ProgressBar();
  try {
    const {
      url,
      address: pushed,
      files,
    } = await uploadFolder(folder, address, {
      kind: 'model',
      private: flags.private,
      message: flags.message,
      wanted: (path) => !leftOut.has(path),
      signal,
      onMessage: (text) => {
        progress.log(text);
      },
      onProgress: ({ sent, total }) => {
        progress.update(sent, total, 'bytes uploaded');
      },
    });
    progress.stop();
    print(`Uploaded ${files.length} files to ${url} (${pushed})`);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = STOPPED;
  } finally {
    progress.stop();
  }
}
