import { z } from 'zod';
import { LARGEST_GUIDANCE_WEIGHT } from '../diffusion/guidance.js';
import { labelDropoutUnits } from '../diffusion/label-dropout.js';
import { lossNames } from './loss-names.js';
import { lossWeightings } from '../diffusion/loss-weighting.js';
import { noiseScheduleNames } from '../diffusion/noise-schedule.js';
import { predictionTypes } from '../diffusion/prediction.js';
import { samplerNames } from '../diffusion/samplers/index.js';
import { timestepSamplings } from '../diffusion/timestep-sampling.js';
import { timestepSpacings } from '../diffusion/timestep-spacing.js';
import { backgroundPattern, colorModes, pictureFits } from '../data/picture-options.js';
import { optimizerNames } from './optimizer-names.js';
import { replicaDefaults } from './replica-config.js';

const count = () => z.int().positive();
const countOrNone = () => z.int().nonnegative();
const seed = () => z.int().nonnegative();

/**
 * Everything that decides a training run. The defaults are the paper's configuration; the command line flags, the
 * validation of configuration files and the saved `config.json` are all derived from this schema.
 */
export const trainConfigSchema = z.strictObject({
  model: z
    .enum(['paper-unet', 'modern-unet', 'unet2d'])
    .default('paper-unet')
    .describe(
      "network architecture: the paper's U-Net, a U-Net of residual blocks with group normalisation, scale-and-shift conditioning and attention, or the UNet2DModel of diffusers",
    ),
  unet2d: z
    .record(z.string(), z.json())
    .optional()
    .describe(
      "unet2d: fields of diffusers' config.json (JSON file); image size and channels are the data's, and unless num_class_embeds is given, the classes too",
    ),
  channels: z
    .array(count())
    .min(2)
    .max(5)
    .default([64, 128, 256])
    .describe('channels of each level of the U-Net, highest resolution first, bottleneck last'),
  blocks: z
    .array(count())
    .min(2)
    .max(5)
    .default([1, 1, 2])
    .describe(
      'modern-unet: residual blocks per level in the encoder and in the decoder, highest resolution first, bottleneck last',
    ),
  attention: z
    .enum(['none', 'bottleneck'])
    .default('bottleneck')
    .describe('modern-unet and unet2d: where to use self-attention: nowhere, or at the lowest resolution'),
  attentionResolutions: z
    .array(count())
    .min(1)
    .max(5)
    .optional()
    .describe(
      'modern-unet: use self-attention at the levels whose feature maps have these sides, instead of what --attention says. The ' +
        'highest is the image size divided by the patch size; each further level halves it',
    ),
  attentionHeads: count()
    .max(64)
    .default(1)
    .describe('modern-unet: heads of the self-attention; must divide the channels of its levels'),
  patchSize: z
    .int()
    .min(1)
    .max(4)
    .refine((size) => size !== 3, 'Expected 1, 2 or 4')
    .default(1)
    .describe(
      'patch size: 1, 2 or 4; 2 folds each 2x2 window of pixels into channels, for about a quarter of the computation per ' +
        'image, and 4 each 4x4 window, for about a sixteenth',
    ),

  timesteps: z.int().min(2).max(50_000).default(1000).describe('T, the number of timesteps of the forward process'),
  schedule: z
    .enum(noiseScheduleNames)
    .default('linear')
    .describe('noise schedule; flow: that of rectified flow, t/T is the time on the linear path from image to noise'),
  betas: z
    .array(z.number().gt(0).max(1))
    .max(50_000)
    .optional()
    .describe('beta_1,...,beta_T one by one, in place of the schedule'),
  rescaleBetas: z
    .boolean()
    .default(false)
    .describe(
      'scale the betas of the linear schedule by 1000/T, so that the noise level at timestep T does not depend on T',
    ),
  zeroTerminalSnr: z
    .boolean()
    .default(false)
    .describe(
      'rescale the schedule to zero signal-to-noise ratio at T, so that x_T is pure noise; needs prediction x0, v or flow',
    ),
  prediction: z
    .enum(predictionTypes)
    .default('epsilon')
    .describe(
      'what the network predicts: the noise (epsilon), the clean image (x0), the velocity (v), or noise minus image (flow), as in ' +
        'rectified flow and flow matching',
    ),
  timestepSampling: z
    .enum(timestepSamplings)
    .default('uniform')
    .describe(
      'distribution of the timesteps in training: uniform, or logit-normal, which favours the middle (Esser et al. 2024)',
    ),
  logitMean: z
    .number()
    .min(-10)
    .max(10)
    .default(0)
    .describe('logit-normal: mean of logit(t/T); above 0 draws noisier timesteps. A shift a, as of SD3, adds ln a'),
  logitStd: z.number().positive().max(10).default(1).describe('logit-normal: standard deviation of logit(t/T)'),
  loss: z.enum(lossNames).default('l1').describe('loss between target and prediction'),
  huberDelta: z
    .number()
    .positive()
    .default(1)
    .describe('absolute error at which the huber loss changes from quadratic to linear'),
  lossWeighting: z
    .enum(lossWeightings)
    .default('constant')
    .describe(
      'loss weight of each timestep: constant on the error of the prediction; min(SNR, 5) (Hang et al. 2023) or EDM ' +
        '(Karras et al. 2022) on the error of x_0',
    ),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('modern-unet and unet2d: dropout probability inside residual blocks, in training'),
  labelDropout: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('probability of training on an image without its class label, for classifier-free guidance'),
  labelDropoutPer: z
    .enum(labelDropoutUnits)
    .default('image')
    .describe("drop labels per image, or for the whole batch at once as in the paper's published program"),

  steps: count().default(100_000).describe('total number of training steps'),
  batchSize: count().max(65_536).default(32).describe('images per step'),
  learningRate: z.number().positive().default(1e-4).describe('learning rate after the warm-up'),
  warmupSteps: countOrNone().default(0).describe('steps of linear learning rate warm-up'),
  learningRateDecay: z
    .enum(['none', 'cosine'])
    .default('none')
    .describe('learning rate after the warm-up: constant, or half a cosine down to zero at the last step'),
  optimizer: z
    .enum(optimizerNames)
    .default('adam')
    .describe(
      "optimizer: adam, or muon (Jordan et al. 2024): orthogonal updates of matrices and filters, of the size of Adam's, and Adam for all other parameters",
    ),
  adamBeta1: z.number().min(0).lt(1).default(0.9).describe("decay rate of Adam's first moment and of Muon's momentum"),
  adamBeta2: z.number().min(0).lt(1).default(0.999).describe("decay rate of Adam's second moment"),
  adamEpsilon: z.number().min(1e-30).default(1e-8).describe("Adam's epsilon, at least 1e-30"),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe('weight decay (AdamW): each step multiplies the weights by 1 - learning rate * decay; 0: plain Adam'),
  gradientClip: z.number().min(0).default(0).describe('clip gradients to this Euclidean norm; 0: no clipping'),
  emaDecay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.999)
    .describe('decay of the exponential moving average of the weights (EMA); limited to (1+k)/(10+k) after k steps'),
  initialWeights: z
    .string()
    .min(1)
    .optional()
    .describe(
      'start from the averaged weights of a run folder, checkpoint, exported model or model in the package (modern, quick, ' +
        'paper, colour) with the same network and prediction; default: random weights',
    ),
  replicas: count()
    .max(1000)
    .optional()
    .describe(
      'train this many replicas of the network, each for all steps on batches of its own, and average them every syncEvery steps ' +
        '(DiLoCo, Douillard et al. 2023); default: one network, which is not averaged',
    ),
  syncEvery: count()
    .optional()
    .describe(`with replicas: steps between two averages; default: ${replicaDefaults.syncEvery}`),
  outerLearningRate: z
    .number()
    .positive()
    .max(10)
    .optional()
    .describe(
      `with replicas: learning rate of the outer step, from the weights towards the replicas' mean; default: ${replicaDefaults.outerLearningRate}`,
    ),
  outerMomentum: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe(`with replicas: Nesterov momentum of the outer step; default: ${replicaDefaults.outerMomentum}`),
  seed: seed().default(0).describe('seed of the random initial weights, the data order, the timesteps and the noise'),

  device: z.enum(['cpu', 'webgpu']).default('cpu').describe('device to compute on'),
  threads: countOrNone()
    .max(1024)
    .default(0)
    .describe('number of threads; 0: one per physical core available to the process'),
  data: z
    .string()
    .min(1)
    .optional()
    .describe(
      'folder of pictures, flat, with one subfolder per class or with metadata.jsonl or .csv; folder with IDX files; .npz file; ' +
        'CIFAR files; Parquet files; hf:owner/name, a data set of the Hugging Face Hub; or "embedded" for ' +
        'the 10,000 digits in the package; default: DIFFUSION_DATA_DIR, the cache, a download, or the embedded digits',
    ),
  offline: z.boolean().default(false).describe('do not download data'),
  imageSize: z
    .int()
    .min(8)
    .max(128)
    .optional()
    .describe(
      'resize images to squares of this side; default: their own size if all are squares of one size from 8 to 128, otherwise 32',
    ),
  fit: z
    .enum(pictureFits)
    .default('crop')
    .describe('resizing of images that are not square: crop the centre, pad with the background, or stretch'),
  color: z.enum(colorModes).default('auto').describe('train in gray or in rgb; auto: rgb if any picture has colour'),
  background: z
    .string()
    .regex(backgroundPattern, 'Expected black, white, gray, or a colour such as #ff8800')
    .default('black')
    .describe('colour behind transparent pixels and around padded pictures: black, white, gray or #rrggbb'),
  flip: z
    .boolean()
    .default(false)
    .describe('flip each image horizontally with probability 1/2 at each step; not for digits or letters'),
  labelColumn: z
    .string()
    .min(1)
    .optional()
    .describe(
      'column of metadata.jsonl, metadata.csv or a Parquet file that holds the classes; default: label or a similar name',
    ),
  validation: z
    .number()
    .min(0)
    .optional()
    .describe(
      'training images to hold out for the validation loss, the same share of each class: a fraction below 1, or a count; 0: none; ' +
        "default: the data set's own validation images if it has any",
    ),
  classBalance: z
    .boolean()
    .default(false)
    .describe('draw the images of all classes equally often, however many there are of each'),
  skipBroken: z.boolean().default(false).describe('skip pictures that cannot be read instead of stopping'),

  logEvery: count().default(10).describe('steps between lines of metrics.jsonl'),
  checkpointEvery: count().default(500).describe('steps between checkpoints'),
  validateEvery: countOrNone()
    .default(500)
    .describe('steps between validation losses, of the averaged weights on at most 1000 validation images; 0: none'),
  evaluateEvery: countOrNone()
    .default(0)
    .describe(
      'steps between small evaluations of the averaged weights, as diffusion evaluate scores them, against validation images, or ' +
        'training images if there are none; 0: none',
    ),
  evaluateSamples: z
    .int()
    .min(10)
    .max(50_000)
    .default(500)
    .describe('images drawn for a small evaluation, by dpm-solver++ in 25 steps'),
  tensorboard: z
    .boolean()
    .default(false)
    .describe("also write metrics and sample grids as TensorBoard's event files into the run folder"),
  sampleEvery: countOrNone()
    .default(10_000)
    .describe(
      'steps between sample grids; 0: none. Each image of a grid takes samplingSteps evaluations of the network, or T',
    ),
  samplesPerClass: count().default(2).describe('images per class in a sample grid'),
  sampler: z
    .enum(samplerNames)
    .default('ddpm')
    .describe('sampling algorithm of the samples drawn in training, and of the model unless asked otherwise'),
  samplingSteps: countOrNone().default(0).describe('sampling steps; 0: all T timesteps, as in Algorithm 2'),
  spacing: z.enum(timestepSpacings).default('even').describe('spacing of the sampling timesteps within 1..T'),
  guidanceWeight: z
    .number()
    .min(0)
    .max(LARGEST_GUIDANCE_WEIGHT)
    .default(0.2)
    .describe('guidance weight omega for sampling; 0: no guidance'),
  toneCurve: countOrNone()
    .max(50_000)
    .default(0)
    .describe(
      'after the last step, draw this many images and keep the curve that gives samples the grey levels of the training images, ' +
        'e.g. 500; 0: none',
    ),
  maxMinutes: z
    .number()
    .min(0)
    .default(0)
    .describe(
      "write a checkpoint and stop after this many minutes; 0: no limit. A preset's limit applies only to its own number of steps",
    ),
});

/** A complete, validated training configuration. */
export type TrainConfig = z.infer<typeof trainConfigSchema>;

/** Fields that replace those before them; undefined counts as not given. */
export type TrainConfigLayer = { readonly [Name in keyof TrainConfig]?: Readonly<TrainConfig[Name]> | undefined };

/** The fields that are paths on the machine that trains. */
export const pathFields = ['data', 'initialWeights'] as const satisfies readonly (keyof TrainConfig)[];
