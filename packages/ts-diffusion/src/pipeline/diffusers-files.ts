/** The files of a pipeline of diffusers with a `UNet2DModel`, by their paths inside its folder. */
export const diffusersFiles = {
  index: 'model_index.json',
  config: 'unet/config.json',
  weights: 'unet/diffusion_pytorch_model.safetensors',
  scheduler: 'scheduler/scheduler_config.json',
} as const;
