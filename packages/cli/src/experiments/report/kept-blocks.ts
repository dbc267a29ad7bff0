import { type Block, paragraph } from '../../report/document.js';
import { describeValue } from '../../sweep/report/names.js';
import type { KeptSource, ReportSource } from './report-source.js';

/** Digits of a hash that tell files apart. */
const SHORT = 12;

/** The kept models of a study, and the names of those that are missing. */
export function keptBlocks({ kept }: ReportSource): Block[] {
  if (kept === undefined) return [];
  const { models, missing } = kept;
  const field = (config: Readonly<Record<string, unknown>>, name: string): string => describeValue(config[name]);
  return [
    paragraph(
      'The cells are drawn from kept models, averaged weights in float16; nothing was trained for this report.',
    ),
    ...(missing.length === 0
      ? []
      : [paragraph(`**Missing models:** ${missing.map((name) => `\`${name}\``).join(', ')}. Their cells are open.`)]),
    {
      kind: 'table',
      caption: 'Kept models, from their receipts',
      head: ['model', 'steps', 'optimizer', 'learning rate', 'decay', 'channels', 'program', 'SHA-256', 'data'],
      rows: models.map(({ name, receipt: { config, step, commit, program, sha256, data } }) => [
        `\`${name}\``,
        step.toLocaleString('en') +
          (config['initialWeights'] === undefined ? '' : `, continued from ${field(config, 'initialWeights')}`),
        ...['optimizer', 'learningRate', 'learningRateDecay', 'channels'].map((each) => field(config, each)),
        `${program}${commit === null ? '' : ` at ${commit}`}`,
        ...[sha256.slice(0, SHORT), data?.slice(0, SHORT) ?? '–'],
      ]),
    },
  ];
}

/** The commands that train the kept models anew. */
export const keptCommands = ({ models }: KeptSource): readonly string[] => models.map(({ receipt }) => receipt.command);
