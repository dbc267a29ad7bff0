import { basename, dirname, extname, resolve } from 'node:path';
import { ConfigError } from 'ts-diffusion/errors';
import { isHubAddress, shippedModels } from 'ts-diffusion/node';
import { EMBEDDED } from 'ts-diffusion/data';
import { parseConfig } from 'ts-diffusion/train';
import { type Axis, parseAxis } from './axis.js';
import { checkField, networkFields, notComparable, type Section, sections } from './fields.js';
import { baseSchema, planSchema, type PlanParts, randomSchema } from './plan-schema.js';
import { type PlanSource, readPlanSource } from './plan-source.js';
import { defaultScores, scoreChoice, type ScoreName } from './scores.js';
import { gridSettings, randomSettings, type Setting } from './settings.js';

/** Where the settings of a plan start from. */
export type Base = { readonly preset: string } | { readonly config: string } | { readonly model: string };

/** What a sweep is to try and to measure. */
export interface Plan {
  readonly title: string;
  readonly base: Base;
  /** What all cells have in common beside the base. */
  readonly fixed: Setting;
  /** One for each cell; fields that a grid does not name are missing in its settings. */
  readonly settings: readonly Setting[];
  /** The fields that are varied, in the order of the plan. */
  readonly varied: readonly string[];
  /** What is measured; by the first one settings are ranked. */
  readonly scores: readonly ScoreName[];
  /** Images of each class that the report shows of each setting. */
  readonly pictures: number;
  /** Whether each cell keeps its images, and the pictures of its evaluation. */
  readonly keep: boolean;
}

/** Fields that name files, as seen from the folder of the plan. */
const pathFields = [
  'train.data',
  'train.initialWeights',
  'evaluate.data',
  ...networkFields.map((field) => `evaluate.${field}`),
];

/**
 * Reads and checks a plan. Paths in it are as seen from its folder, and absolute afterwards.
 *
 * @throws ConfigError with one sentence that names the line
 */
export function readPlan(path: string): Plan {
  return checkPlan(readPlanSource(path));
}

/** @throws ConfigError as `readPlan` */
export function checkPlan(source: PlanSource): Plan {
  const parts = checkParts(source);
  const { path, at } = source;
  const base = checkBase(parts.base, source);
  const fixed = Object.fromEntries(
    sections.flatMap((section) =>
      Object.entries(parts[section] ?? {}).map(([field, value]) => {
        checkBelongs(section, base, at(section, field));
        checkField(section, field, value, at(section, field));
        return [`${section}.${field}`, absolute(`${section}.${field}`, value, path)];
      }),
    ),
  );
  const grids = gridsOf(parts, source, base);
  const random = parts.random && parseConfig(randomSchema, parts.random, `${at('random')}: random`);
  const all = grids.flatMap((axes, i) =>
    random === undefined ? gridSettings(axes, path) : randomSettings(axes, random, i, path),
  );
  const varied = variedFields(grids);
  checkComparable(varied, path);
  const scores = [...new Set(parts.scores ?? defaultScores)];
  checkCounts(scores, [fixed, ...all], path);
  return {
    title: parts.title ?? basename(path, extname(path)),
    ...{ base, fixed, varied, scores },
    settings: withoutRepeats(all),
    pictures: parts.pictures ?? 0,
    keep: parts.keep ?? false,
  };
}

/** Each part by itself, so that an error names its line. */
function checkParts({ path, value, at }: PlanSource): PlanParts {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${path}: a plan is a mapping with "base" and "axes"; see docs/sweeps.md.`);
  }
  const parts = Object.entries(value).map(([name, part]) => {
    const given = { [name]: (part ?? undefined) as unknown };
    return parseConfig(planSchema.partial(), given, at(name));
  });
  if (!('base' in value)) {
    throw new ConfigError(
      `${path}: the plan has no "base"; write base: { preset: quick }, { config: FILE } or { model: NAME }.`,
    );
  }
  return Object.assign({}, ...parts) as PlanParts;
}

function checkBase(given: PlanParts['base'], { path, at }: PlanSource): Base {
  const { preset, config, model } = parseConfig(baseSchema, given, `${at('base')}: base`);
  const inFolder = (name: string): string => resolve(dirname(path), name);
  const bases: readonly Base[] = [
    ...(preset === undefined ? [] : [{ preset }]),
    ...(config === undefined ? [] : [{ config: inFolder(config) }]),
    ...(model === undefined ? [] : [{ model: isShipped(model) ? model : inFolder(model) }]),
  ];
  const [base, ...others] = bases;
  if (base !== undefined && others.length === 0) return base;
  throw new ConfigError(`${at('base')}: "base" has ${bases.length} entries; give one of preset, config and model.`);
}

function gridsOf({ axes, grids }: PlanParts, { path, at }: PlanSource, base: Base): readonly (readonly Axis[])[] {
  if ((axes === undefined) === (grids === undefined)) {
    throw new ConfigError(
      `${path}: a plan has either "axes" or "grids"; ${axes === undefined ? 'add one' : 'remove one'} of them.`,
    );
  }
  const parse = (given: Readonly<Record<string, unknown>>, place: (name: string) => string): Axis[] =>
    Object.entries(given).map(([name, each]) => {
      const axis = parseAxis(name, each, place(name));
      checkBelongs(name.split('.')[0] as Section, base, place(name));
      return 'values' in axis ? { ...axis, values: axis.values.map((value) => absolute(name, value, path)) } : axis;
    });
  return axes === undefined
    ? (grids ?? []).map((grid, i) => parse(grid, (name) => at('grids', i, name)))
    : [parse(axes, (name) => at('axes', name))];
}

function checkBelongs(section: Section, base: Base, at: string): void {
  if (section === 'train' && 'model' in base) {
    throw new ConfigError(
      `${at}: the base is a trained model, so that fields of "train" change nothing; remove them, or give a preset.`,
    );
  }
}

/** A ranking over scores of different meaning would be wrong. */
function checkComparable(varied: readonly string[], path: string): void {
  const field = varied.find((each) => notComparable.includes(each));
  if (field === undefined) return;
  throw new ConfigError(
    `${path}: ${field} has several values, but scores with different ${field.slice('evaluate.'.length)} do not compare; ` +
      'give it one value, and write a plan for each.',
  );
}

function checkCounts(scores: readonly ScoreName[], settings: readonly Setting[], path: string): void {
  for (const score of scores) {
    const { counts } = scoreChoice(score);
    if (counts === undefined || settings.every((setting) => setting[`evaluate.${counts}`] !== 0)) continue;
    throw new ConfigError(`${path}: the score ${score} cannot be taken with evaluate.${counts} 0; remove one of them.`);
  }
}

/** The same setting once, where grids overlap. */
function withoutRepeats(settings: readonly Setting[]): readonly Setting[] {
  const textOf = (setting: Setting): string =>
    JSON.stringify(Object.entries(setting).sort(([a], [b]) => (a < b ? -1 : 1)));
  return [...new Map(settings.map((setting) => [textOf(setting), setting])).values()];
}

/** Fields with more than one value anywhere, or that only some grids name. */
function variedFields(grids: readonly (readonly Axis[])[]): readonly string[] {
  const fields = [...new Set(grids.flatMap((axes) => axes.map(({ field }) => field)))];
  return fields.filter((field) => {
    const axes = grids.flatMap((each) => each.filter((axis) => axis.field === field));
    const values = new Set(
      axes.flatMap((axis) => ('values' in axis ? axis.values.map((each) => JSON.stringify(each)) : [])),
    );
    return axes.length < grids.length || values.size > 1 || axes.some((axis) => 'range' in axis);
  });
}

function absolute(field: string, value: unknown, path: string): unknown {
  if (!pathFields.includes(field) || typeof value !== 'string') return value;
  const isName = value === EMBEDDED || isHubAddress(value) || (field === 'train.initialWeights' && isShipped(value));
  return isName ? value : resolve(dirname(path), value);
}

const isShipped = (name: string): boolean => shippedModels().some(({ id }) => id === name);
