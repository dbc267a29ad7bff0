import { samplerNames, samplers } from '../../src/diffusion/samplers/index.js';
import { samplerContract } from './samplers.contract.js';

for (const name of samplerNames) samplerContract(name, samplers[name]);
samplerContract('ddpm with variance beta', samplers.ddpm, { variance: 'beta' });
samplerContract('ddim with eta 0.5', samplers.ddim, { eta: 0.5 });
