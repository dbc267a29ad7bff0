import type { NamedTensor } from '../../nn/parameters.js';

/** What diffusers called the layers of attention before version 0.12, and calls them since. */
const attentionNames: Readonly<Record<string, string>> = {
  query: 'to_q',
  key: 'to_k',
  value: 'to_v',
  proj_attn: 'to_out.0',
};

/** The tensors of a `UNet2DModel` under diffusers' present names, of whatever version they are. */
export function currentParameterNames(tensors: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name.replace(
        /(\.attentions\.\d+\.)(query|key|value|proj_attn)\./,
        (_, path: string, layer: string) => `${path}${attentionNames[layer] ?? layer}.`,
      ),
      tensor,
    ]),
  );
}
