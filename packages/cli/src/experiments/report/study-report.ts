import { existsSync, readFileSync } from 'node:fs';
import { budgets, type Budget } from '../budget.js';
import { baseCell, cellsOf, tableSettings } from '../planned-cells.js';
import { baseSetting } from '../study.js';
import { studyCommand, trainCommand } from '../study-commands.js';
import { stripPlace } from '../strip-task.js';
import { places } from '../../sweep/running/sweep-folder.js';
import { describeSetting, describeValue } from '../../sweep/report/names.js';
import { conclusions } from './conclusions.js';
import { code, heading, paragraph, type Block, type Figure, type ReportDocument } from '../../report/document.js';
import {
  confusionFigure,
  forwardFigure,
  guidanceFigures,
  lossFigure,
  networkFigureOf,
  nearestFigure,
  sampleFigure,
  scheduleFigures,
} from './figures.js';
import { chainTable, comparisonTable, judgesTable, quirkTable, repeatTable, settingsTable } from './tables.js';
import { chainPairs } from './chain-pairs.js';
import { failureNotes } from './failure-notes.js';
import { keptBlocks, keptCommands } from './kept-blocks.js';
import type { ReportSource } from './report-source.js';

/** The report of whatever is done of a study. */
export async function studyReport(source: ReportSource): Promise<ReportDocument> {
  const { study } = source;
  const chains = chainPairs(source);
  const has = (part: (typeof study.parts)[number]): boolean => study.parts.includes(part);
  const otherSamples = await Promise.all(
    tableSettings(source.planned, 'table2')
      .filter(({ schedule, timesteps }) => schedule !== baseSetting.schedule || timesteps !== baseSetting.timesteps)
      .map((setting) => sampleFigure(source, setting, 'Samples')),
  );
  return {
    title: "Reproduction of the paper's study",
    blocks: [
      ...introduction(source),
      heading('Answers'),
      ...conclusions(source, chains).map(paragraph),
      heading('Figure 1: the forward process'),
      forwardFigure(source),
      ...titled('Figure 2: the reverse process', stripFigure(source)),
      ...titled('Figure 3: the network', networkFigureOf(source)),
      ...titled('Training', lossFigure(source)),
      ...(has('table1')
        ? [heading('Table 1: spread of the score'), repeatTable(source), ...failureNotes(source, 'table1')]
        : []),
      ...(has('table2')
        ? [
            heading('Table 2: schedule and T'),
            ...settingsTable(source, 'table2', 'Schedules and T, mean over trainings', chains),
            judgesTable(source, 'table2', 'Further scores of the same cells'),
            ...scheduleFigures(source),
          ]
        : []),
      ...(has('table3')
        ? [
            heading('Table 3: guidance weight'),
            ...settingsTable(source, 'table3', 'Guidance weights of linear, T = 1000, mean over trainings'),
            judgesTable(source, 'table3', 'Further scores of the same cells'),
            ...guidanceFigures(source),
          ]
        : []),
      heading('Table 4: comparison with other models'),
      comparisonTable(source),
      ...(has('quirks')
        ? [heading('The published protocol'), paragraph(QUIRKS), quirkTable(source), ...failureNotes(source, 'quirks')]
        : []),
      ...(has('full-chain')
        ? [
            heading('The fast sampler and the full chain'),
            chainTable(source, chains),
            ...failureNotes(source, 'full-chain'),
          ]
        : []),
      heading('Figure 4: samples'),
      ...(await sampleFigure(source, baseSetting, 'Figure 4: samples, one column per class')),
      ...otherSamples.flat(),
      ...confusionFigure(source),
      ...nearestFigure(source),
      heading('Commands'),
      ...warningTable(source),
      ...commandBlocks(source),
    ],
  };
}

/** Nothing under a heading is no heading. */
const titled = (text: string, blocks: readonly Block[]): readonly Block[] =>
  blocks.length === 0 ? [] : [heading(text), ...blocks];

const QUIRKS =
  'The published notebook of the authors differs from the text of the paper. Each difference is measured separately against the ' +
  'corrected protocol, on the model where it matters most. Together they form the protocol `paper` of the other tables. ' +
  'The evaluator and the feature network are those of this program, so the costs are comparable in kind, not in size.';

function introduction(source: ReportSource): Block[] {
  const { study, folder } = source;
  const cells = cellsOf(source.planned);
  const done = cells.flatMap((cell) => folder.receipt(cell) ?? []);
  const [first] = done;
  return [
    paragraph(
      `Budget: ${budgetSentence(source)}. ${done.length} of ${cells.length + missingCells(source)} cells are done.` +
        (first ? ` Machine: ${first.machine}. Program: ${first.program}.` : ''),
    ),
    ...preliminary(source),
    ...keptBlocks(source),
    paragraph(
      "Distances are Fréchet distances over the features of this program's digit classifier, **not FID**; in brackets as a multiple of " +
        'the distance between real images (the floor). ± is one standard error: over several trainings, of their mean, the spread between ' +
        'trainings included; of one training, of measuring alone (by the bootstrap for distances and for Inception scores of a single ' +
        'split), and how trainings differ is then not known. What is called clearly better is so by t tests over trainings and by more than ' +
        'two standard errors.',
    ),
    code(studyCommand(study, folder.path, source.flags)),
  ];
}

/** Whether the study is less than the paper's, in width or in images. */
function preliminary({ study, kept }: ReportSource): Block[] {
  const { samples } = study.budget;
  const widths = kept?.models.map(({ receipt }) => describeValue(receipt.config['channels'])) ?? [
    study.budget.channels.join(),
  ];
  const { full } = budgets;
  const isSmaller = samples < full.samples || widths.some((width) => width !== full.channels.join());
  const paper = `The paper trains ${full.steps.toLocaleString('en')} steps and scores ${full.samples.toLocaleString('en')} samples`;
  const same = '`diffusion reproduce --budget full` does the same and writes this report with those numbers';
  return [
    paragraph(
      isSmaller
        ? `**Preliminary.** ${paper}; ${same}. Results at the budget above may differ from those.`
        : `${paper}; ${same}.`,
    ),
  ];
}

/** Cells whose kept models are missing. */
const missingCells = ({ planned }: ReportSource): number =>
  new Set(planned.filter(({ cell }) => cell === undefined).map(({ fields }) => JSON.stringify(fields))).size;

/** The warnings of all receipts; warnings that differ only in their numbers count as one. */
function warningTable(source: ReportSource): Block[] {
  const warnings = cellsOf(source.planned).flatMap((cell) => source.folder.receipt(cell)?.warnings ?? []);
  const kindOf = (text: string): string => text.replace(/[\d.]+/g, '#');
  const kinds = [...new Set(warnings.map(kindOf))];
  if (kinds.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: 'Warnings',
      head: ['receipts', 'example of the warning'],
      rows: kinds.map((kind) => {
        const alike = warnings.filter((text) => kindOf(text) === kind);
        return [String(alike.length), alike[0] ?? ''];
      }),
    },
  ];
}

function budgetSentence({ study, kept }: ReportSource): string {
  const { samples, sampler, samplingSteps, spacing, fullChain } = study.budget;
  const drawn =
    `${samples.toLocaleString('en')} samples per cell by ${sampler} in ${samplingSteps} steps (spacing ${spacing}), ` +
    `${fullChain.toLocaleString('en')} by the full chain`;
  return `${kept === undefined ? trainingSentence(study.budget) : `${kept.models.length} kept models`}, ${drawn}`;
}

function trainingSentence({ steps, batch, channels, ...training }: Budget): string {
  const { learningRate, warmupSteps, learningRateDecay, optimizer } = training;
  const decay = learningRateDecay === 'none' ? '' : `, ${learningRateDecay} decay`;
  const warmup = warmupSteps === 0 ? '' : `, ${warmupSteps} steps of warm-up`;
  return (
    `${steps.toLocaleString('en')} training steps of ${batch} images per model (channels ${channels.join(', ')}; ${optimizer}, ` +
    `learning rate ${learningRate}${warmup}${decay})`
  );
}

function stripFigure({ planned, folder }: ReportSource): Figure[] {
  const base = baseCell(planned);
  const path = base?.cell && folder.in(stripPlace(base.cell));
  if (path === undefined || !existsSync(path)) return [];
  const caption =
    'Figure 2: reverse process from noise (left, t = T) to digit (t = 0); linear, T = 1000, ω = 0.2, corrected';
  return [{ kind: 'figure', name: 'figure-2', caption, picture: { png: readFileSync(path) } }];
}

function commandBlocks({ planned, folder, kept }: ReportSource): Block[] {
  const trainings = kept === undefined ? planned.flatMap((each) => trainCommand(each) ?? []) : keptCommands(kept);
  const base = baseCell(planned)?.cell?.key;
  return [
    paragraph(
      'To be typed in any folder, in which they find one another: the first ones train, those of the receipts draw and score. `diffusion sweep` ' +
        "takes the plans in the package's folder `plans`, with the paper's budget.",
    ),
    code([...new Set(trainings)].join('\n')),
    {
      kind: 'table',
      caption: 'Receipts',
      head: ['receipt', 'cell', 'command'],
      rows: cellsOf(planned).map((cell) => [
        `[${cell.key.slice(0, 8)}](${places.receipt(cell.key)})${cell.key === base ? ' (base)' : ''}`,
        describeSetting(cell.setting),
        folder.receipt(cell) ? `\`${folder.receipt(cell)?.command ?? ''}\`` : 'not done',
      ]),
    },
  ];
}
