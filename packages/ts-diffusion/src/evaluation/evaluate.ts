import type { DiffusionPipeline } from '../pipeline/diffusion-pipeline.js';
import { EvaluationError } from '../utils/errors.js';
import { classify, type Classification } from '../classifier/classification.js';
import { ClassifiedSet, type EvaluationNetworks, type EvaluatorInput } from './classified-set.js';
import type { EvaluationCache } from './evaluation-cache.js';
import { checkSplits } from './inception-score.js';
import type { InceptionFeatures } from './inception/features.js';
import type { Measurements } from './measured.js';
import { MemoryEvaluationCache } from './memory-evaluation-cache.js';
import { checkMeasured } from './measurements.js';
import type { NearestNeighbours } from './nearest-neighbours.js';
import { checkNeighbours } from './precision-recall.js';
import type { Score } from './receipt.js';
import {
  checkRange,
  inSameColours,
  meanBrightness,
  selectImages,
  spreadSubset,
  type ScoredImages,
} from './scored-images.js';
import { scoreFid } from './scores/fid.js';
import { scoreFeatureKinds } from './scores/feature-kinds.js';
import { scoreFrechet } from './scores/frechet.js';
import { scoreHistograms, type Histograms } from './scores/histograms.js';
import { scoreInception } from './scores/inception.js';
import { scoreKernel } from './scores/kernel.js';
import { scoreLabels } from './scores/label-accuracy.js';
import { checkLikelihood, scoreLikelihood } from './scores/likelihood.js';
import { scoreNearCopies } from './scores/near-copies.js';
import { scoreNeighbourhoods } from './scores/neighbourhoods.js';
import type { Scored, Scoring } from './scores/scoring.js';
import { checkJudged } from './two-sample/two-sample-test.js';
import { scoreTwoSample, type Suspicions } from './scores/two-sample.js';
import { callback, count, flag, like, number, options, positiveCount, signature, text } from '../utils/arguments.js';
import { drawable } from '../utils/argument-shapes.js';
import { classifier, evaluationCache, measurements, scoredImages } from '../utils/evaluation-shapes.js';

/** With fewer images than this most metrics are not defined. */
const LEAST_IMAGES = 10;
/** Digits of any font are a little darker or brighter; twice is another kind of picture. */
const BRIGHTNESS_FACTOR = 2;

/** MNIST's test digits are recognised to 99.7 % by the networks in the package; what is below this is another kind of image. */
export const KNOWN_ACCURACY = 0.9;

/** How an `ImageScorer` scores unless asked otherwise, as `diffusion evaluate` does. */
export const evaluationDefaults = { neighbours: 5, bootstrap: 50, nearCopies: 1000, seed: 0 } as const;

/** Which scores an `ImageScorer` computes, and how. */
export interface EvaluationOptions {
  /** Parts of which the Inception score is taken; default 10 where each has 500 images, else 1. */
  readonly splits?: number | undefined;
  /** k of precision, recall, density and coverage; default 5. */
  readonly neighbours?: number | undefined;
  /** Resamples behind the error bar of the Fréchet distance; default 50. */
  readonly bootstrap?: number | undefined;
  /** How many samples are compared with every training image; default 1000, 0: none. */
  readonly nearCopies?: number | undefined;
  /** Judges of each view in the two-sample test (`scoreTwoSample`), with seeds from `seed` on; default 0: no test. */
  readonly judges?: number | undefined;
  /** Whether distances over further kinds of features, the worst ratio to a floor, and histograms are computed too; default false. */
  readonly thorough?: boolean | undefined;
  /** Of the bootstrap, of random subsets and of judges; default 0. */
  readonly seed?: number | undefined;
  /** What the evaluator is shown in place of pixels in [-1, 1]. */
  readonly evaluatorInput?: EvaluatorInput | undefined;
  /** For the FID. */
  readonly inception?: InceptionFeatures | undefined;
  /** For bits per dimension: the model, and on how many of the reference images. */
  readonly likelihood?: { readonly pipeline: DiffusionPipeline; readonly images: number } | undefined;
  /** Told which metric is being computed, and the share of its work that is done. */
  readonly onProgress?: ((metric: string, share: number) => void) | undefined;
  /** What the networks have already said of the samples (`measureImages`): they are not asked again. */
  readonly measured?: Measurements | undefined;
}

/** The scores of a set of images, and what they were computed from. */
export interface Evaluation {
  readonly scores: readonly Score[];
  readonly warnings: readonly string[];
  /** Per class; null where the samples have no labels. */
  readonly classification: Classification | null;
  /** How suspicious each sample is to the judges of the two-sample test; null without one. */
  readonly suspicions: Suspicions | null;
  /** Grey levels and stroke widths of samples and reference; null where they were not asked for. */
  readonly histograms: Histograms | null;
  /** The training images nearest to some of the samples; null where they were not looked for. */
  readonly nearest: (NearestNeighbours & { readonly samples: ScoredImages; readonly training: ScoredImages }) | null;
}

const scorerArguments = signature('new ImageScorer', {
  networks: options({ evaluator: classifier, features: classifier, secondFeatures: classifier }),
  reference: scoredImages,
  training: scoredImages.nullable(),
  cache: evaluationCache,
});
const scoreArguments = signature('scorer.score', {
  samples: scoredImages,
  options: options({
    splits: number.optional(),
    neighbours: number.optional(),
    bootstrap: count.optional(),
    nearCopies: count.optional(),
    judges: count.optional(),
    thorough: flag.optional(),
    seed: count.optional(),
    evaluatorInput: like('an object with valueRange and of', { valueRange: text, of: callback }).optional(),
    inception: like('InceptionFeatures', { extract: callback }).optional(),
    likelihood: options({ pipeline: drawable, images: positiveCount }).optional(),
    onProgress: callback.optional(),
    measured: measurements.optional(),
  }),
});

/** Scores sets of images against one set of real ones; what concerns the latter alone is computed once. */
export class ImageScorer {
  readonly reference: ScoredImages;
  readonly #reference: ClassifiedSet;
  readonly #realSource: ScoredImages;
  readonly #real = new Map<number, ClassifiedSet>();
  readonly #warnings: readonly string[];

  /**
   * Prepares what concerns the real images alone.
   *
   * @param reference the held-out real images
   * @param training real images that are not among the reference, for floors and near-copies. Without them one half of the
   * reference takes their part, and samples are scored against the other half
   * @param cache of what concerns the real images alone; default: in memory, of this scorer
   */
  constructor(
    readonly networks: EvaluationNetworks,
    reference: ScoredImages,
    readonly training: ScoredImages | null = null,
    private readonly cache: EvaluationCache = new MemoryEvaluationCache(),
  ) {
    scorerArguments({ networks, reference, training, cache });
    if (training?.sha256 === reference.sha256) {
      throw new EvaluationError(
        `${training.source} and ${reference.source} are the same images, so no floor can be computed. Give other real ` +
          'images as training images, or none.',
      );
    }
    this.#realSource = training ?? half(reference, 1);
    this.reference = training ? reference : half(reference, 0);
    this.#reference = new ClassifiedSet(this.reference, networks);
    this.#warnings = training
      ? []
      : [
          'No training images were given: samples are scored against one half of the reference, floors are of the other.',
        ];
    for (const set of [this.reference, this.#realSource]) this.#checkUsable(set);
  }

  /**
   * Every score that the options ask for.
   *
   * @throws EvaluationError for too few images, images of another size than the networks know, values in 0..1, and bits per
   * dimension of a model that draws other images than the reference holds
   */
  async score(samples: ScoredImages, options: EvaluationOptions = {}): Promise<Evaluation> {
    scoreArguments({ samples, options });
    this.#checkUsable(samples);
    this.checkSettings(samples.count, options);
    if (options.likelihood) this.checkLikelihood(options.likelihood.pipeline);
    const { onProgress, measured } = options;
    const { neighbours, bootstrap, nearCopies, seed } = withDefaults(options);
    if (measured) checkMeasured(measured, samples.count, this.networks);
    const set = new ClassifiedSet(samples, this.networks, options.evaluatorInput, measured);
    const scoringOf = (metric: string): Scoring => ({
      samples: set,
      reference: this.#reference,
      real: this.#realOf(samples.count),
      cache: this.cache,
      seed,
      onProgress: (share) => onProgress?.(metric, share),
    });
    const pixelScoringOf = (metric: string): Scoring => this.#inSameColours(scoringOf(metric), measured);
    const { task } = this.networks.features.network;
    const frechet = await scoreFrechet(scoringOf('Frechet distance'), bootstrap);
    const found: Scored[] = [
      // Over quarter turns it would say how well up can be told from down.
      ...(task === 'turns' ? [] : [await scoreInception(scoringOf('Inception score'), options.splits)]),
      frechet,
      await scoreKernel(scoringOf('kernel distance')),
      await scoreNeighbourhoods(scoringOf('precision and recall'), neighbours),
    ];
    const labelled =
      task === 'turns' ? null : samples.labels && (await scoreLabels(scoringOf('label accuracy'), samples.labels));
    if (labelled) found.push(labelled);
    const copies =
      this.training && nearCopies > 0
        ? await scoreNearCopies(scoringOf('near-copies'), this.training, nearCopies)
        : null;
    if (copies) found.push(copies);
    const { judges = 0, thorough = false } = options;
    const histograms = thorough ? scoreHistograms(pixelScoringOf('histograms')) : null;
    if (histograms) {
      found.push(await scoreFeatureKinds(pixelScoringOf('further distances'), frechet.scores[0] as Score), histograms);
    }
    const judged = judges > 0 ? await scoreTwoSample(pixelScoringOf('two-sample test'), judges) : null;
    if (judged) found.push(judged);
    if (options.inception) found.push(await scoreFid(scoringOf('FID'), options.inception));
    if (options.likelihood) {
      const { pipeline, images } = options.likelihood;
      const { onProgress: onPart } = scoringOf('bits per dimension');
      found.push(await scoreLikelihood(pipeline, this.reference, { images, seed, onProgress: onPart }));
    }
    const unknown = await this.#competenceWarning();
    return {
      scores: found.flatMap(({ scores }) => scores),
      warnings: [
        ...unknown,
        ...this.#warnings,
        ...this.#overlapWarning(samples.count),
        ...this.#brightnessWarning(samples),
        ...found.flatMap(({ warnings }) => warnings),
      ],
      classification: labelled ? labelled.classification : null,
      suspicions: judged && judged.suspicions,
      histograms: histograms && histograms.histograms,
      nearest: copies && this.training && { ...copies.nearest, samples: copies.looked, training: this.training },
    };
  }

  /** For scores of pixels: gray ones do not compare with coloured ones. */
  #inSameColours(scoring: Scoring, measured: Measurements | undefined): Scoring {
    const [samples, reference, real] = inSameColours(
      [scoring.samples, scoring.reference, scoring.real].map(({ images }) => images),
    ) as [ScoredImages, ScoredImages, ScoredImages];
    return {
      ...scoring,
      // The networks see the same: those of gray images are shown gray ones anyway, those of coloured ones refuse a gray reference.
      samples: new ClassifiedSet(samples, this.networks, undefined, measured),
      reference: new ClassifiedSet(reference, this.networks),
      real: new ClassifiedSet(real, this.networks),
    };
  }

  #realOf(count: number): ClassifiedSet {
    let real = this.#real.get(count);
    if (!real) {
      real = new ClassifiedSet(spreadSubset(this.#realSource, count), this.networks);
      this.#real.set(count, real);
    }
    return real;
  }

  /** @param what is of that size, for the message. @throws EvaluationError for a size that the networks do not know */
  checkSize(what: string, width: number, height = width): void {
    const { imageSize, name } = this.networks.features.network;
    if (height === imageSize && width === imageSize) return;
    throw new EvaluationError(
      `${what} images of ${width}x${height} pixels; the ${name} accepts only images of ${imageSize}x${imageSize}.`,
    );
  }

  /** @param what is of so many channels, for the message. @throws EvaluationError for gray images where the networks know colours */
  checkChannels(what: string, channels: number): void {
    const { imageChannels, name } = this.networks.features.network;
    if (imageChannels !== 3 || channels >= 3) return;
    throw new EvaluationError(`${what} gray images; the ${name} accepts only images in colour.`);
  }

  /** To be asked before images are drawn. @throws EvaluationError for a model whose bits per dimension the reference cannot give */
  checkLikelihood(pipeline: DiffusionPipeline): void {
    checkLikelihood(pipeline, this.reference);
  }

  /** To be asked before `count` images are drawn. @throws EvaluationError for settings that so few do not allow */
  checkSettings(count: number, options: Pick<EvaluationOptions, 'splits' | 'neighbours' | 'judges'> = {}): void {
    const { splits = 1, judges = 0 } = options;
    const { neighbours } = withDefaults(options);
    const least = Math.min(count, this.reference.count, this.#realSource.count);
    checkSplits(count, splits);
    checkNeighbours(least, neighbours);
    if (judges > 0) checkJudged(least);
  }

  /** To be asked before images are drawn. @param what has them. @throws EvaluationError for labels that the networks do not know */
  checkLabels(what: string, labels: Iterable<number>): void {
    const { classes, name, task } = this.networks.features.network;
    // A network of quarter turns is not asked about them.
    if (task === 'turns') return;
    for (const label of labels) {
      if (label < classes) continue;
      throw new EvaluationError(
        `${what} images of class ${label}; the ${name} accepts only classes 0..${classes - 1}.`,
      );
    }
  }

  /** The share of the reference images whose label the feature network sees, 0..1; null where they have none. */
  async referenceAccuracy(): Promise<number | null> {
    const { classes, task } = this.networks.features.network;
    const { labels } = this.reference;
    if (labels === null || task === 'turns') return null;
    return classify(await this.#reference.probabilities(), labels, classes).accuracy;
  }

  #checkUsable(set: ScoredImages): void {
    this.checkSize(`${set.source} holds`, set.width, set.height);
    this.checkChannels(`${set.source} holds`, set.colours === undefined ? 1 : 3);
    this.checkLabels(`${set.source} holds`, set.labels ?? []);
    if (set.count < LEAST_IMAGES) {
      throw new EvaluationError(
        `${set.source}: ${set.count} images are too few to score; give at least ${LEAST_IMAGES}, and for reliable distances ` +
          `more than the ${this.networks.features.network.features} features.`,
      );
    }
    checkRange(set);
  }

  /** Whether the networks, which were trained on MNIST's digits, know what the reference shows. */
  async #competenceWarning(): Promise<string[]> {
    const { networks } = this;
    const { name } = networks.features.network;
    if (networks.trainedOn !== undefined) return [];
    const accuracy = await this.referenceAccuracy();
    if (accuracy === null) {
      return [`The reference has no labels: whether the ${name} knows what it shows could not be measured.`];
    }
    if (accuracy >= KNOWN_ACCURACY) return [];
    return [
      `NOT MEANINGFUL: the ${name} recognises ${(100 * accuracy).toFixed(1)} % of the reference images. It was trained on the ` +
        'digits of MNIST, and these are others: Inception score, Frechet and kernel distance, precision, recall, density, ' +
        'coverage and label accuracy say nothing about the quality of these samples.',
    ];
  }

  #overlapWarning(count: number): string[] {
    const { images, source } = this.#realOf(count).images;
    const shared = countShared(images, this.reference.images, this.reference.height * this.reference.width);
    if (shared === 0) return [];
    return [`${shared} images of ${source} are among the reference: floors, which are of both, are too low.`];
  }

  #brightnessWarning(samples: ScoredImages): string[] {
    const [mean, real] = [meanBrightness(samples), meanBrightness(this.reference)];
    if (mean < BRIGHTNESS_FACTOR * real && real < BRIGHTNESS_FACTOR * mean) return [];
    return [
      `The mean pixel of the samples is ${mean.toFixed(0)} of 255, of the reference ${real.toFixed(0)}: are they inverted, or in another range?`,
    ];
  }
}

/** How many images of `a` are in `b`, pixel by pixel. */
function countShared(a: Uint8Array, b: Uint8Array, pixels: number): number {
  // A character for each byte, all of them different.
  const decoder = new TextDecoder('latin1');
  const keys = (images: Uint8Array): string[] =>
    Array.from({ length: images.length / pixels }, (_, i) =>
      decoder.decode(images.subarray(i * pixels, (i + 1) * pixels)),
    );
  const known = new Set(keys(b));
  return keys(a).filter((key) => known.has(key)).length;
}

function withDefaults(options: EvaluationOptions): Record<keyof typeof evaluationDefaults, number> {
  const { neighbours, bootstrap, nearCopies, seed } = evaluationDefaults;
  return {
    neighbours: options.neighbours ?? neighbours,
    bootstrap: options.bootstrap ?? bootstrap,
    nearCopies: options.nearCopies ?? nearCopies,
    seed: options.seed ?? seed,
  };
}

/** Every other image, from the first or the second on. */
function half(set: ScoredImages, first: 0 | 1): ScoredImages {
  const rows = Array.from({ length: Math.floor((set.count + 1 - first) / 2) }, (_, i) => 2 * i + first);
  return selectImages(set, rows, `half of ${set.source}`);
}
