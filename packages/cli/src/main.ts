#!/usr/bin/env node
import { Command } from 'commander';
import { commands } from './commands.js';
import { reportError } from './output/report-error.js';
import { packageVersion } from './version.js';

const examples = `
Examples:
  $ diffusion start                                   train a small model and look at its digits
  $ diffusion train --preset paper --run runs/paper   the paper's configuration
  $ diffusion sample --run runs/paper --labels 0-9    ten of each digit as one PNG
  $ diffusion help sample                             every option of a command

Set DEBUG=1 to see the stack of an error.`;

/** The command line: `operands` are the arguments without options, used only to decide which command's file to load. */
async function createProgram(operands: readonly string[]): Promise<Command> {
  const program = new Command('diffusion')
    .description(
      'Conditional denoising diffusion with classifier-free guidance: train, sample and export small models.',
    )
    .version(packageVersion())
    .showHelpAfterError('(diffusion --help lists the commands and options)')
    .addHelpText('after', examples);

  const requested = operands[0] === 'help' ? operands[1] : operands[0];
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    if (name === requested) {
      command.showHelpAfterError(`(diffusion ${name} --help lists the options)`);
      (await load())(command);
    }
  }
  return program;
}

try {
  const program = await createProgram(process.argv.slice(2).filter((argument) => !argument.startsWith('-')));
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
