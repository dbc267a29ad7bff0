/** What the paper reports (its Tables 1 to 4), and what there is to be said of it. */

/** Table 1: FID of the same model, five times. */
export const publishedRepeats = [16.19, 16.05, 15.97, 16.09, 15.92] as const;

/** Tables 2 and 3: FID and Inception score by schedule, T and omega. */
export const publishedScores: readonly {
  readonly schedule: string;
  readonly timesteps: number;
  readonly omega: number;
  readonly fid: number;
  readonly inceptionScore: number;
}[] = [
  { schedule: 'linear', timesteps: 1000, omega: 0.2, fid: 16.19, inceptionScore: 9.56 },
  { schedule: 'linear', timesteps: 4000, omega: 0.2, fid: 20.91, inceptionScore: 8.68 },
  { schedule: 'cosine', timesteps: 1000, omega: 0.2, fid: 26.82, inceptionScore: 9.0 },
  { schedule: 'cosine', timesteps: 4000, omega: 0.2, fid: 21.7, inceptionScore: 8.73 },
  { schedule: 'linear', timesteps: 1000, omega: 0, fid: 21.12, inceptionScore: 9.13 },
  { schedule: 'linear', timesteps: 1000, omega: 0.5, fid: 24.67, inceptionScore: 9.14 },
];

/**
 * Table 4. A Fréchet distance compares only under the same features, number of images, resize, value range and reference, and
 * none of the first six rows says all of these.
 */
export const publishedComparison: readonly {
  readonly model: string;
  readonly fid: string;
  readonly comparable: string;
}[] = [
  {
    model: 'Sliced Iterative Generator',
    fid: '4.5',
    comparable: 'unknown: a leaderboard entry without a protocol',
  },
  { model: 'HypGAN', fid: '7.87', comparable: 'unknown: as above' },
  { model: 'JKO-iFlow', fid: '7.95', comparable: 'unknown: as above' },
  {
    model: 'Guided Diffusion (the paper)',
    fid: '16.19',
    comparable: 'no: pytorch-fid, 10,000 images, but with the dark half of the samples clamped to black',
  },
  {
    model: 'Spiking-Diffusion',
    fid: '37.50',
    comparable: "unknown: the paper gives 27.61 from the leaderboard, the model's own abstract 37.50",
  },
  { model: 'PresGAN', fid: '38.53', comparable: 'unknown: as above' },
];
