import type { PipelineModel } from 'ts-diffusion';
import type { DiffusersSampling } from 'ts-diffusion/node';

/** Images that the program draws. */
const IMAGES = 4;
const LABELS_IN_COMMENT = 12;

/**
 * A Python program that draws images with diffusers from the exported folder that it is run in, as the model is sampled here: by its
 * pipeline, or for a network with classes, which pipelines of diffusers do not ask for, by the loop of one.
 */
export function diffusersPython(model: PipelineModel, sampling: DiffusersSampling): string {
  return hasClasses(model) ? ofClasses(model, sampling) : ofPipeline(sampling);
}

/** Whether the network is told a class. */
export function hasClasses({ model }: Pick<PipelineModel, 'model'>): boolean {
  return model.architecture !== 'unet2d' || model.classEmbedding !== 'none';
}

function ofPipeline(sampling: DiffusersSampling): string {
  const options = ['generator=generator', ...ofStep(sampling)].join(', ');
  return `import torch
from diffusers import ${sampling.pipeline}

pipeline = ${sampling.pipeline}.from_pretrained(".")  # this folder, or the model's name on the Hub
generator = torch.Generator().manual_seed(0)
images = pipeline(batch_size=${IMAGES}, num_inference_steps=${sampling.steps}, ${options}).images
for i, image in enumerate(images):
    image.save(f"image-{i}.png")
`;
}

function ofClasses(pipelineModel: PipelineModel, sampling: DiffusersSampling): string {
  const { model, seenClasses, classNames } = pipelineModel;
  const { classes, imageChannels, imageSize } = model;
  const labels = (seenClasses ?? Array.from({ length: classes }, (_, label) => label)).slice(0, IMAGES);
  const isGuided = model.architecture === 'unet2d' && model.nullClass;
  const names = classNames?.slice(0, LABELS_IN_COMMENT).map((name, label) => `${label}: ${oneLine(name)}`);
  const more = (classNames?.length ?? 0) > LABELS_IN_COMMENT ? ', ...' : '';
  const meaning = names === undefined ? `0 to ${classes - 1}` : names.join(', ') + more;
  const prediction = isGuided
    ? `        conditional = unet(x, t, class_labels=labels).sample
        unconditional = unet(x, t, class_labels=no_class).sample
        prediction = (1 + omega) * conditional - omega * unconditional
`
    : `        prediction = unet(x, t, class_labels=labels).sample
`;
  const guidance = isGuided
    ? `no_class = torch.full_like(labels, ${classes})  # the last class embedding stands for no class
omega = ${sampling.guidanceWeight}  # guidance weight; 0: none. The guidance scale of other programs is 1 + omega
`
    : '';
  return `import torch
from diffusers import ${sampling.pipeline}

pipeline = ${sampling.pipeline}.from_pretrained(".")  # this folder, or the model's name on the Hub
unet, scheduler = pipeline.unet, pipeline.scheduler
labels = torch.tensor([${labels.join(', ')}])  # ${meaning}
${guidance}generator = torch.Generator().manual_seed(0)

scheduler.set_timesteps(${sampling.steps})
x = torch.randn(len(labels), ${imageChannels}, ${imageSize}, ${imageSize}, generator=generator)
with torch.no_grad():
    for t in scheduler.timesteps:
${prediction}        x = scheduler.step(${['prediction', 't', 'x', 'generator=generator', ...ofStep(sampling)].join(', ')}).prev_sample

images = pipeline.numpy_to_pil((x / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy())
for i, image in enumerate(images):
    image.save(f"image-{i}.png")
`;
}

/** What DDIM is told in each step. */
function ofStep({ scheduler, eta, usesClipped, clipX0 }: DiffusersSampling): string[] {
  if (scheduler !== 'DDIMScheduler') return [];
  return [`eta=${eta}`, ...(usesClipped && clipX0 ? ['use_clipped_model_output=True'] : [])];
}

/** Names of folders may hold what would end a comment or a line of Markdown. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
