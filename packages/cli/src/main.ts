#!/usr/bin/env node
import { Command } from 'commander';
import { commands } from './commands.js';
import { guardOutput } from './output/guard-output.js';
import { stopWithParent } from './output/parent.js';
import { printable } from './output/printable.js';
import { reportError } from './output/report-error.js';
import { packageVersion } from './version.js';

const examples = `
Examples:
  $ diffusion start                                   train a small model and sample digits from it
  $ diffusion train --preset paper --run runs/paper   the paper's configuration
  $ diffusion sample --run runs/paper --labels 0-9    ten of each digit as one PNG
  $ diffusion help sample                             every option of a command

Set DEBUG=1 to print the stack trace of an error.`;

/** The command line. @param requested the name of the command whose file to load, if it is one */
async function createProgram(requested: string | undefined): Promise<Command> {
  const program = new Command('diffusion')
    .description(
      'Conditional denoising diffusion with classifier-free guidance: train, sample and export small models.',
    )
    .version(packageVersion())
    .configureOutput({ writeErr: (text) => process.stderr.write(printable(text)) })
    .showHelpAfterError('(diffusion --help lists the commands and options)')
    .addHelpText('after', examples);

  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    if (name === requested) {
      command.showHelpAfterError(`(diffusion ${name} --help lists the options)`);
      (await load())(command);
    }
  }
  return program;
}

const [first, second] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const requested = first === 'help' ? second : first;
guardOutput(commands.find(({ name }) => name === requested)?.whenOutputIsLost ?? 'stop');
stopWithParent();
try {
  const program = await createProgram(requested);
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
