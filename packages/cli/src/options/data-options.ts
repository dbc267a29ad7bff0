import { trainConfigSchema } from 'ts-diffusion/train';

/** The fields of a training configuration that say which images, and what becomes of them. */
export const dataSchema = trainConfigSchema.pick({
  data: true,
  offline: true,
  imageSize: true,
  fit: true,
  color: true,
  background: true,
  skipBroken: true,
});
