import { samplerNames, samplers } from '../../src/diffusion/samplers/index.js';
import { samplerContract } from './samplers.contract.js';

for (const name of samplerNames) samplerContract(name, samplers[name]);
