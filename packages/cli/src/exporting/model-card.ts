import type { PipelineModel } from 'ts-diffusion';
import type { DiffusersSampling } from 'ts-diffusion/node';
import type { Receipt } from 'ts-diffusion/evaluation';
import type { TrainConfig } from 'ts-diffusion/train';
import { formatScore } from '../output/format-score.js';
import { packageVersion } from '../version.js';
import { diffusersPython, hasClasses, oneLine } from './diffusers-python.js';

/** What a model was trained on and how, as far as its file says. */
export interface TrainingFacts {
  readonly config: TrainConfig;
  readonly step: number;
  readonly averaged: boolean;
  /** The source of the images, without paths of a machine. */
  readonly data: string;
}

/** All that a model card says. */
export interface ModelCard {
  readonly model: PipelineModel;
  readonly sampling: DiffusersSampling;
  /** Identifier of a licence, as the Hub has it. */
  readonly license?: string | undefined;
  /** Absent for an imported or exported model. */
  readonly training?: TrainingFacts | undefined;
  /** The newest scores, and whether they are of these weights. */
  readonly scores?: { readonly receipt: Receipt; readonly areOfWeights: boolean } | undefined;
  /** File in the folder, and how its images were drawn. */
  readonly picture?: { readonly file: string; readonly about: string } | undefined;
}

const channelNames: Readonly<Record<number, string>> = {
  1: 'gray',
  2: 'gray with alpha',
  3: 'RGB',
  4: 'RGB with alpha',
};
const predictionNames = {
  epsilon: 'the noise',
  x0: 'the clean image',
  v: 'the velocity',
  flow: 'the flow',
} as const;

/** `README.md` of a model for the Hub: its metadata, how to draw with it in Python, its training and its scores. */
export function modelCard(card: ModelCard): string {
  const sections = [metadata(card), title(card), usage(card), description(card), training(card), scores(card)];
  return sections.filter((section) => section !== '').join('\n');
}

/** YAML; the licence has been checked to be one word. */
function metadata({ model, license }: ModelCard): string {
  const tags = ['ddpm', ...(hasClasses(model) ? ['class-conditional'] : []), 'ts-diffusion'];
  return `---
${license === undefined ? '' : `license: ${license}\n`}library_name: diffusers
pipeline_tag: unconditional-image-generation
tags:
${tags.map((tag) => `- ${tag}`).join('\n')}
---
`;
}

function title({ model: { model, classNames }, picture }: ModelCard): string {
  const { imageSize, imageChannels, classes } = model;
  const ofClasses =
    model.architecture === 'unet2d' && model.classEmbedding === 'none'
      ? ''
      : ` of ${classes} classes${classNames === undefined ? '' : `: ${classNames.map(escaped).join(', ')}`}`;
  return `# Diffusion model of ${imageSize}x${imageSize} images

A denoising diffusion model that draws ${channelNames[imageChannels]} images of ${imageSize}x${imageSize} pixels${ofClasses}.
${picture === undefined ? '' : `\n![Images drawn by the model](${picture.file})\n\n${picture.about}\n`}`;
}

function usage({ model, sampling }: ModelCard): string {
  const isGuided = model.model.architecture === 'unet2d' && model.model.nullClass;
  const lead = hasClasses(model)
    ? `The network is told a class, which ${sampling.pipeline} does not do when it is called. This is its loop with classes` +
      (isGuided ? ' and classifier-free guidance:' : ':')
    : 'In Python:';
  return `## Use

${lead}

\`\`\`python
${diffusersPython(model, sampling)}\`\`\`
${sampling.differences.length === 0 ? '' : `\n${sampling.differences.join(' ')}\n`}
In Node.js, with ts-diffusion, in this folder:

\`\`\`sh
diffusion import . --out imported
diffusion sample --model imported
\`\`\`
`;
}

function description({ model: { parameters, schedule, prediction = 'epsilon' }, sampling }: ModelCard): string {
  const changes = [
    ...(schedule.rescaleBetas ? ['betas rescaled to T'] : []),
    ...(schedule.zeroTerminalSnr ? ['zero terminal SNR'] : []),
  ];
  const name = schedule.name === 'given' ? 'betas one by one' : [schedule.name, ...changes].join(', ');
  return `## Model

- network: \`UNet2DModel\`, ${parameters.length.toLocaleString('en')} parameters; it predicts ${predictionNames[prediction]}
- noise schedule: ${name}, T = ${schedule.timesteps}
- sampling: \`${sampling.scheduler}\`, ${sampling.steps} steps${sampling.clipX0 ? ', clipped' : ''}
- written by ts-diffusion ${packageVersion()}
`;
}

function training({ training: facts, model: { classNames, seenClasses, model } }: ModelCard): string {
  if (facts === undefined)
    return '## Training\n\nThe file that this model was exported from does not say how it was trained.\n';
  const { config, step, averaged, data } = facts;
  const { batchSize, learningRate, loss, labelDropout, seed, initialWeights } = config;
  const unseen = seenClasses !== undefined && seenClasses.length < model.classes;
  const seen = unseen
    ? `\n- classes in the images: ${seenClasses.map((label) => escaped(classNames?.[label] ?? String(label))).join(', ')}`
    : '';
  return `## Training

- images: ${escaped(data)}${seen}${config.flip ? '\n- flipped horizontally at random' : ''}
- ${step.toLocaleString('en')} steps of ${batchSize} images, learning rate ${learningRate}, loss ${loss}, seed ${seed}
- weights: ${averaged ? 'the moving average' : 'of the last step'}${initialWeights === undefined ? '' : '; the training began with the weights of another model'}${labelDropout > 0 && hasClasses({ model }) ? `\n- without its class: ${Number((100 * labelDropout).toPrecision(3))} % of the images` : ''}
`;
}

function scores({ scores: newest }: ModelCard): string {
  if (newest === undefined) return '';
  const { receipt, areOfWeights } = newest;
  const { generation, createdAt } = receipt;
  const how =
    generation === null
      ? ''
      : `, drawn by ${generation.sampler} in ${generation.samplingSteps} steps, omega ${generation.omega}, seed ${generation.seed}`;
  const weights = areOfWeights
    ? 'These weights'
    : `Other weights of the same run${typeof generation?.step === 'number' ? ` (step ${generation.step})` : ''}`;
  const rows = receipt.scores.map(
    (score) =>
      `| ${escaped(score.metric)} | ${formatScore(score)} | ${score.floor === undefined ? '' : Number(score.floor.toPrecision(4))} | ${score.better} |`,
  );
  return `## Scores

${weights}, ${createdAt.slice(0, 10)}: ${receipt.images.count.toLocaleString('en')} images${how}.
${receipt.warnings.map((warning) => `\n${escaped(warning)}\n`).join('')}
| metric | value | real images | better |
| --- | --- | --- | --- |
${rows.join('\n')}

Scores compare only under equal conditions; a Fréchet distance over features of another network than Inception is not FID.
`;
}

/** Text that Markdown shows as it is, in one line. */
function escaped(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, '\\$&');
}
