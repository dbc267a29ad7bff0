import { existsSync, readFileSync } from 'node:fs';
import { cellCommand, studyCommand, trainCommand } from '../commands.js';
import { budgets, describeBudget, type Budget } from '../budget.js';
import { baseSetting, cellOf, studyCells, trainingSettings, type Cell } from '../plan.js';
import { protocols } from '../protocol.js';
import { stripPath } from '../strip-stage.js';
import { conclusions } from './conclusions.js';
import { code, heading, paragraph, type Block, type Figure, type ReportDocument } from '../../report/document.js';
import {
  confusionFigure,
  forwardFigure,
  guidanceFigures,
  lossFigure,
  nearestFigure,
  sampleFigure,
  scheduleFigures,
} from './figures.js';
import { protocolResult, resultOf } from './results.js';
import { chainTable, comparisonTable, guidanceTable, quirkTable, repeatTable, trainingTable } from './tables.js';
import type { ReportSource } from './report-source.js';

/** The report of whatever is done of a study. */
export async function studyReport(source: ReportSource): Promise<ReportDocument> {
  const { study } = source;
  const has = (part: (typeof study.parts)[number]): boolean => study.parts.includes(part);
  const base = protocolResult(source, 'corrected', baseSetting);
  const otherSamples = await Promise.all(
    trainingSettings.slice(1).map((setting) => sampleFigure(source, setting, 'Samples')),
  );
  return {
    title: "Reproduction of the paper's study",
    blocks: [
      ...introduction(source),
      heading('Answers'),
      ...conclusions(source).map(paragraph),
      heading('Figure 1: the forward process'),
      forwardFigure(source),
      heading('Figure 2: the reverse process'),
      ...stripFigure(source),
      heading('Training'),
      ...lossFigure(source),
      ...(has('table1') ? [heading('Table 1: spread of the score'), repeatTable(source)] : []),
      ...(has('table2') ? [heading('Table 2: schedule and T'), trainingTable(source), ...scheduleFigures(source)] : []),
      ...(has('table3')
        ? [heading('Table 3: guidance weight'), guidanceTable(source), ...guidanceFigures(source)]
        : []),
      heading('Table 4: comparison with other models'),
      comparisonTable(source),
      ...(has('quirks') ? [heading('The published protocol'), paragraph(QUIRKS), quirkTable(source)] : []),
      ...(has('full-chain') ? [heading('The fast sampler'), chainTable(source)] : []),
      heading('Figure 4: samples'),
      ...(await sampleFigure(source, baseSetting, 'Figure 4: samples, one column per class')),
      ...otherSamples.flat(),
      ...confusionFigure(source),
      ...(base ? await nearestFigure(source, base) : []),
      heading('Commands'),
      ...warningTable(source),
      ...commandBlocks(source),
    ],
  };
}

const QUIRKS =
  'The published notebook of the authors differs from the text of the paper. Each difference is measured separately against the ' +
  'corrected protocol, on the model where it matters most. Together they form the protocol `paper` of the other tables. ' +
  'The evaluator and the feature network are those of this program, so the costs are comparable in kind, not in size.';

function introduction(source: ReportSource): Block[] {
  const { study, folder } = source;
  const cells = studyCells(study);
  const done = cells.flatMap((cell) => resultOf(source, cell) ?? []);
  const [first] = done;
  const isFull = describeBudget(study.budget) === describeBudget(budgets.full);
  return [
    paragraph(
      `Budget: ${budgetSentence(study.budget)}. ${done.length} of ${cells.length} cells are done.` +
        (first ? ` Machine: ${first.receipt.machine}. Program: ${first.receipt.program}.` : ''),
    ),
    ...(isFull
      ? []
      : [
          paragraph(
            `**Preliminary.** The paper trains ${budgets.full.steps.toLocaleString('en')} steps and scores ${budgets.full.samples.toLocaleString('en')} ` +
              'samples; `diffusion reproduce --budget full` does the same and writes this report with those numbers. Results at the budget above may differ from those.',
          ),
        ]),
    paragraph(
      "Distances are Fréchet distances over the features of this program's digit classifier, **not FID**; in brackets as a multiple of " +
        'the distance between real images (the floor). ± is one standard error: by the bootstrap for distances and for Inception scores of a single split.',
    ),
    code(studyCommand(study, folder)),
  ];
}

/** The warnings of all receipts; warnings that differ only in their numbers count as one. */
function warningTable(source: ReportSource): Block[] {
  const warnings = studyCells(source.study).flatMap((cell) => resultOf(source, cell)?.receipt.warnings ?? []);
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

function budgetSentence({
  steps,
  batch,
  channels,
  learningRate,
  samples,
  sampler,
  samplingSteps,
  fullChain,
}: Budget): string {
  return (
    `${steps.toLocaleString('en')} training steps of ${batch} images per model (channels ${channels.join(', ')}; learning rate ${learningRate}), ` +
    `${samples.toLocaleString('en')} samples per cell by ${sampler} in ${samplingSteps} steps, ${fullChain} by the full chain`
  );
}

function stripFigure({ folder }: ReportSource): Figure[] {
  const path = stripPath(folder);
  if (!existsSync(path)) return [];
  const caption =
    'Figure 2: reverse process from noise (left, t = T) to digit (t = 0); linear, T = 1000, ω = 0.2, corrected';
  return [{ kind: 'figure', name: 'figure-2', caption, picture: { png: readFileSync(path) } }];
}

function commandBlocks(source: ReportSource): Block[] {
  const { study, folder } = source;
  const cells = studyCells(study);
  const trainings = [...new Map(cells.map(({ samples }) => [samples.training.id, samples.training])).values()];
  const isBase = (cell: Cell): boolean => cell.id === cellOf(study.budget, baseSetting, protocols.corrected).id;
  return [
    paragraph(
      'Each receipt also contains its command. The deviations of sampling and scoring are available only in `diffusion reproduce`.',
    ),
    code(trainings.map((plan) => trainCommand(plan, study.budget, folder)).join('\n')),
    {
      kind: 'table',
      caption: 'Receipts',
      head: ['receipt', 'command'],
      rows: cells.map((cell) => [
        `\`${cell.id}\`${isBase(cell) ? ' (base)' : ''}`,
        `\`${cellCommand(cell, study, folder)}\``,
      ]),
    },
  ];
}
