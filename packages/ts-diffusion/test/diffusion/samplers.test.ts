import { samplerNames, samplers, type SamplerName } from '../../src/diffusion/samplers/index.js';
import { samplerContract, type SamplerTraits } from './samplers.contract.js';

const traits: Record<SamplerName, SamplerTraits> = {
  ddpm: { order: 1, deterministic: false },
  ddim: { order: 1, deterministic: true },
  'dpm-solver++': { order: 2, deterministic: true },
  'dpm-solver++-sde': { order: 2, deterministic: false },
  heun: { order: 2, deterministic: true },
  unipc: { order: 3, deterministic: true },
};

for (const name of samplerNames) samplerContract(name, samplers[name], traits[name]);
samplerContract('ddpm with variance beta', samplers.ddpm, {
  order: 1,
  deterministic: false,
  options: { variance: 'beta' },
});
samplerContract('ddim with eta 0.5', samplers.ddim, { order: 1, deterministic: false, options: { eta: 0.5 } });
