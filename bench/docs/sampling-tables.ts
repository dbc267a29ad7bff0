import { z } from 'zod';
import { samplers, type Sampler } from '../../packages/ts-diffusion/src/diffusion/samplers/index.js';
import { ownOptions } from '../../packages/ts-diffusion/src/diffusion/samplers/own-options.js';
import { samplingSchema } from '../../packages/ts-diffusion/src/diffusion/sampling-schema.js';
import { flagOf } from '../../packages/cli/src/options/schema-flags.js';

/** The tables of docs/sampling.md that are generated, by the name in the comments that enclose them. */
export const samplingTables: Readonly<Record<string, () => string>> = { samplers: samplerTable, options: optionTable };

/** Puts the tables into the text between `<!-- NAME -->` and `<!-- end of NAME -->`. @throws Error where a place is missing */
export function withTables(text: string, tables: Readonly<Record<string, () => string>>): string {
  return Object.entries(tables).reduce((filled, [name, table]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the text has no place for the table "${name}"`);
    return `${filled.slice(0, from)}${begin}\n\n${table()}\n${filled.slice(to)}`;
  }, text);
}

function samplerTable(): string {
  const rows = Object.values<Sampler>(samplers).map((sampler) => {
    const { name, title = '', order, stochastic, options } = sampler;
    const own = Object.keys(options).map((option) => `\`${option}\``);
    const noise = typeof stochastic === 'function' ? `with ${strengths(sampler)} above 0` : stochastic ? 'yes' : 'no';
    return [`\`${name}\``, title, String(order), noise, own.join(', ')];
  });
  return markdownTable(['sampler', 'algorithm', 'order', 'noise in each step', 'own options'], rows);
}

/** The options that are numbers: how much noise a sampler adds. */
function strengths(sampler: Sampler): string {
  const numbers = Object.entries(ownOptions(sampler, {})).filter(([, value]) => typeof value === 'number');
  return numbers.map(([name]) => `\`${name}\``).join(', ');
}

function optionTable(): string {
  const { properties = {} } = z.toJSONSchema(samplingSchema, { io: 'input' });
  const rows = Object.entries(samplingSchema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const { description = '', expected = '' } = (field.meta() ?? {}) as { description?: string; expected?: string };
    const { type, default: otherwise } = properties[name] as { type?: string; default?: unknown };
    // Inpainting has flags of its own for the one option that is an object.
    const flag = type === 'object' ? '`--resample`, `--jump` of `inpaint`' : `\`${flagOf(name, field).long}\``;
    return [`\`${name}\``, flag, description, expected, otherwise === undefined ? '' : JSON.stringify(otherwise)];
  });
  return markdownTable(['option', 'flag', 'description', 'allowed', 'default'], rows);
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
