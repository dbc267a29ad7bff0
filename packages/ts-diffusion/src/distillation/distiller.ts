import { addNoise } from '../diffusion/forward-process.js';
import { linearCombination } from '../diffusion/linear-combination.js';
import { posteriorMeanWeights, reverseTransition } from '../diffusion/reverse-transition.js';
import { pixelsOf } from '../pipeline/drawable-model.js';
import type { PipelineModel } from '../pipeline/pipeline-model.js';
import type { Runtime } from '../runtime/types.js';
import { emaDecayAt } from '../training/ema-schedule.js';
import { stateBeginningWith, type TrainState } from '../training/optimizer-session.js';
import { TrainSession } from '../training/train-session.js';
import { HeldResources } from '../utils/held-resources.js';
import { Purpose, RandomStream } from '../utils/random.js';
import type { DistillConfig } from './distill-config.js';
import { matchingTarget } from './matching-target.js';
import { PredictionProgram, type ConditionedImages } from './prediction-program.js';
import { studentOf, type StudentNetwork } from './student-network.js';
import { studentWalk, type WalkPlace } from './student-walk.js';
import { drawGuidanceWeight, drawTeacherSamples, type TeacherSamples } from './teacher-samples.js';
import { Teacher } from './teacher.js';

/**
 * Matching is done at timesteps between these shares of T. Below, the two predictions differ by the noise of the second network's training,
 * which is small, and divided by a distance from the teacher that is smaller still. Above, next to nothing is left of the images, and the
 * guided prediction is an extrapolated mean of the class, which no image is near.
 */
const MATCHED_TIMESTEPS = [0.05, 0.9] as const;

/** What the student drew last, which the next update goes on from. */
export interface DrawnImages {
  /** What it drew them from. */
  readonly given: ConditionedImages;
  /** x_0 [B, C, H, W]. */
  readonly images: Float32Array;
}

/** All that an update changes. */
export interface DistillState {
  readonly student: TrainState;
  /** Of the network that follows the student's images. */
  readonly fake: TrainState;
  /** Undefined before the first update of matching. */
  readonly drawn: DrawnImages | undefined;
}

/** One update of the student. */
export interface DistillUpdate {
  /** 1-based. */
  readonly step: number;
  /** Of regression the mean squared error; of matching half the mean squared length of the direction. */
  readonly loss: number;
  /** The denoising loss of the network that follows the student's images, the mean of the step's updates; undefined while there are none. */
  readonly fakeLoss: number | undefined;
  readonly learningRate: number;
  readonly milliseconds: number;
}

/**
 * Distribution matching distillation (Yin et al. 2024; 2024b without the adversarial loss) of a model into a student that draws in few
 * evaluations. First the student learns by regression what the teacher's solver makes of noise; then it moves its images against the
 * difference of two scores: that of its own images, which a second network is trained to know, and the guided teacher's.
 * Everything an update draws at random is a function of (seed, step).
 */
export class Distiller {
  readonly #walk;
  /** The timesteps that the student predicts from. */
  readonly #places: readonly number[];
  readonly #pixels: number;
  #samples: TeacherSamples | undefined;
  #drawn: DrawnImages | undefined;

  private constructor(
    private readonly config: DistillConfig,
    private readonly model: PipelineModel,
    private readonly begun: StudentNetwork,
    private readonly teacher: Teacher,
    private readonly student: TrainSession,
    private readonly fake: TrainSession,
    private readonly predictor: PredictionProgram,
    private readonly held: HeldResources,
  ) {
    this.#walk = studentWalk(model.schedule, config.steps);
    this.#places = [...new Set(this.#walk.map(({ timestep }) => timestep))];
    this.#pixels = pixelsOf(model.model);
  }

  static async create(runtime: Runtime, model: PipelineModel, config: DistillConfig): Promise<Distiller> {
    const begun = studentOf(model, config.largestGuidanceWeight, config.seed);
    const { batchSize, adamBeta1, adamBeta2 } = config;
    const options = { model: begun.model, batchSize, loss: 'l2' as const, betas: [adamBeta1, adamBeta2] as const };
    const held = new HeldResources();
    const open = <Part extends { dispose(): Promise<void> }>(part: () => Part | Promise<Part>): Promise<Part> =>
      held.open(part, (each) => each.dispose());
    return new Distiller(
      config,
      model,
      begun,
      await open(() => new Teacher(runtime, model)),
      await open(() => TrainSession.create(runtime, options)),
      await open(() => TrainSession.create(runtime, options)),
      await open(() => PredictionProgram.create(runtime, begun.model, batchSize)),
      held,
    );
  }

  /** The student's network. */
  get network(): StudentNetwork['model'] {
    return this.begun.model;
  }

  /** Parameters of the student. */
  get size(): number {
    return this.begun.parameters.length;
  }

  /** Must be called before the first update. @param state default: that before the first update */
  begin(state?: DistillState): void {
    this.student.writeState(state?.student ?? stateBeginningWith(this.begun.parameters));
    this.fake.writeState(state?.fake ?? stateBeginningWith(this.begun.parameters));
    this.#drawn = state?.drawn;
  }

  /** A copy of the state as it is after the last update. */
  async readState(): Promise<DistillState> {
    return { student: await this.student.readState(), fake: await this.fake.readState(), drawn: this.#drawn };
  }

  /**
   * Draws what the regression needs of the teacher; must be done before an update of it. Yields how many images are drawn, and stops
   * where the signal is aborted.
   */
  async *prepare(signal?: AbortSignal): AsyncGenerator<number, void, void> {
    const { seed, regressionImages: count, batchSize, largestGuidanceWeight } = this.config;
    const { imageChannels, imageSize } = this.model.model;
    const options = {
      ...{ seed, count, batchSize, largestGuidanceWeight, labels: this.#classes() },
      shape: [imageChannels, imageSize, imageSize] as const,
    };
    this.#samples = yield* drawTeacherSamples(this.teacher, this.model.schedule, options, signal);
  }

  /** @param step 1-based, one more than the last */
  async update(step: number): Promise<DistillUpdate> {
    const begin = performance.now();
    const { regressionUpdates } = this.config;
    const losses = await (step <= regressionUpdates ? this.#regress(step) : this.#match(step));
    return { step, ...losses, learningRate: this.#learningRate(step), milliseconds: performance.now() - begin };
  }

  /** The student learns what the teacher's solver makes of the noise x_T. */
  async #regress(step: number): Promise<Pick<DistillUpdate, 'loss' | 'fakeLoss'>> {
    const samples = this.#samples;
    if (samples === undefined) throw new RangeError('the teacher has drawn nothing yet: call prepare() first');
    const { seed, batchSize } = this.config;
    const random = new RandomStream(seed, Purpose.distillation, step);
    const rows = Uint32Array.from({ length: batchSize }, () => random.integer(samples.labels.length));
    const batch = {
      noisyImages: rowsOf(samples.noise, rows, this.#pixels),
      target: rowsOf(samples.images, rows, this.#pixels),
      timesteps: new Float32Array(batchSize).fill(this.model.schedule.timesteps),
      labels: Int32Array.from(rows, (row) => samples.labels[row] as number),
      guidanceWeights: Float32Array.from(rows, (row) => samples.guidanceWeights[row] as number),
    };
    return { loss: await this.student.step(batch, this.#scalars(step)), fakeLoss: undefined };
  }

  /** One update of the student, after those of the network that follows its images. */
  async #match(step: number): Promise<Pick<DistillUpdate, 'loss' | 'fakeLoss'>> {
    const { seed, regressionUpdates, fakeUpdates, fakeLearningRate, fakeEmaDecay } = this.config;
    const random = new RandomStream(seed, Purpose.distillation, step);
    const given = this.#nextImages(step, random);
    const images = await this.predictor.predict(await this.student.readVector('parameters'), given);
    const { labels, guidanceWeights } = given;
    this.#drawn = { given, images };
    const conditions = { labels, guidanceWeights };
    const ofFake = { labels, guidanceWeights: this.#placed(given) };

    // The second network learns to denoise what the student draws.
    let fakeLoss = 0;
    for (let i = 0; i < fakeUpdates; i++) {
      const { images: noisyImages, timesteps } = this.#noised(images, [0, 1], random);
      const number = (step - regressionUpdates - 1) * fakeUpdates + i + 1;
      const scalars = { step: number, learningRate: fakeLearningRate, emaDecay: emaDecayAt(fakeEmaDecay, number) };
      fakeLoss += await this.fake.step({ noisyImages, timesteps, target: images, ...ofFake }, scalars);
    }

    // The student moves its images from where that network sees them to where the teacher does.
    const noisy = this.#noised(images, MATCHED_TIMESTEPS, random);
    const seen = await this.predictor.predict(await this.fake.readVector('ema'), { ...noisy, ...ofFake });
    const real = await this.teacher.predict({ ...noisy, ...conditions });
    const target = matchingTarget(images, seen, real, this.#pixels);
    const batch = { noisyImages: given.images, timesteps: given.timesteps, target, ...conditions };
    const loss = await this.student.step(batch, this.#scalars(step));
    return { loss: loss / 2, fakeLoss: fakeLoss / fakeUpdates };
  }

  /** What the student is given: noise, or where a step of `ddpm` arrives from what it drew last. */
  #nextImages(step: number, random: RandomStream): ConditionedImages {
    const { batchSize, largestGuidanceWeight } = this.config;
    const { schedule } = this.model;
    const pixels = this.#pixels;
    const classes = this.#classes();
    const images = new Float32Array(batchSize * pixels);
    random.fillNormal(images);
    const timesteps = new Float32Array(batchSize).fill(schedule.timesteps);
    const labels = Int32Array.from({ length: batchSize }, () => classes[random.integer(classes.length)] as number);
    const guidanceWeights = Float32Array.from({ length: batchSize }, () =>
      drawGuidanceWeight(random, largestGuidanceWeight),
    );
    const drawn = this.#drawn;
    if (drawn === undefined) return { images, timesteps, labels, guidanceWeights };
    const { given } = drawn;
    for (let i = 0; i < batchSize; i++) {
      const { begins, timestep } = this.#walk[(step + i) % this.#walk.length] as WalkPlace;
      const from = given.timesteps[i] as number;
      if (begins || timestep >= from) continue;
      const ofImage = (values: Float32Array): Float32Array => values.subarray(i * pixels, (i + 1) * pixels);
      const transition = reverseTransition(schedule, from, timestep);
      const { onX0, onX } = posteriorMeanWeights(transition);
      const noise = [Math.sqrt(transition.posteriorVariance), ofImage(images)] as const;
      const stepped = linearCombination([onX0, ofImage(drawn.images)], [onX, ofImage(given.images)], noise);
      ofImage(images).set(stepped);
      timesteps[i] = timestep;
      labels[i] = given.labels[i] as number;
      guidanceWeights[i] = given.guidanceWeights[i] as number;
    }
    return { images, timesteps, labels, guidanceWeights };
  }

  /**
   * What the second network is told of each image in place of its guidance weight: that, and from which timestep the student predicted it,
   * as one number, the weights' range for each timestep beside that of the one before. Images drawn from noise alone are other ones than
   * those of a last step, and moving each needs the score of its like.
   */
  #placed({ timesteps, guidanceWeights }: ConditionedImages): Float32Array {
    return guidanceWeights.map((weight, i) => {
      const place = this.#places.indexOf(timesteps[i] as number);
      return weight + place * this.config.largestGuidanceWeight;
    });
  }

  /** Images with noise at timesteps drawn uniformly from between two shares of T. */
  #noised(
    images: Float32Array,
    [from, to]: readonly [number, number],
    random: RandomStream,
  ): { images: Float32Array; timesteps: Float32Array } {
    const { schedule } = this.model;
    const [first, last] = [Math.max(1, Math.round(from * schedule.timesteps)), Math.round(to * schedule.timesteps)];
    const count = this.config.batchSize;
    const timesteps = Float32Array.from({ length: count }, () => first + random.integer(last - first + 1));
    const noise = new Float32Array(images.length);
    random.fillNormal(noise);
    return { images: addNoise(schedule, images, timesteps, noise, this.#pixels), timesteps };
  }

  #learningRate(step: number): number {
    const { regressionUpdates, regressionLearningRate, learningRate } = this.config;
    const { warmupUpdates, updates, decayUpdates } = this.config;
    if (step <= regressionUpdates) return regressionLearningRate;
    const risen = Math.min(1, (step - regressionUpdates) / Math.max(1, warmupUpdates));
    const left = Math.min(1, (updates - step + 1) / (decayUpdates + 1));
    return learningRate * risen * left;
  }

  #scalars(step: number): { step: number; learningRate: number; emaDecay: number } {
    const { emaDecay } = this.config;
    return { step, learningRate: this.#learningRate(step), emaDecay: emaDecayAt(emaDecay, step) };
  }

  #classes(): readonly number[] {
    const { model, seenClasses } = this.model;
    return seenClasses ?? Array.from({ length: model.classes }, (_, label) => label);
  }

  /** Frees what it takes on the device. */
  async dispose(): Promise<void> {
    await this.held.release();
  }
}

/** Rows [N, ...] of `values` as a new array. */
function rowsOf(values: Float32Array, rows: Uint32Array, length: number): Float32Array {
  const out = new Float32Array(rows.length * length);
  rows.forEach((row, i) => {
    out.set(values.subarray(row * length, (row + 1) * length), i * length);
  });
  return out;
}
