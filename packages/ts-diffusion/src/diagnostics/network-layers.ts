import { input, topologicalOrder, type Tensor } from '../graph/index.js';
import { denoise, guidanceInput, type DenoiserConfig } from '../models/denoiser-network.js';
import { keepAll } from '../nn/dropout.js';
import { ParameterScope, storageShape } from '../nn/parameters.js';
import { network } from '../utils/argument-shapes.js';
import { signature } from '../utils/arguments.js';

/** What a layer does with feature maps. */
export type LayerKind = 'input' | 'convolution' | 'pooling' | 'upsampling' | 'concatenation';

/** A layer of a network that makes feature maps; activations and normalisation belong to the layer before them. */
export interface NetworkLayer {
  readonly kind: LayerKind;
  /** Of its parameters, as in a PyTorch state dict, e.g. `down1.conv1`; empty where it has none. */
  readonly name: string;
  /** Side of the filters of a convolution; absent for others. */
  readonly kernel?: number;
  /** Of its output. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** The layers whose outputs it reads, by index; a smaller one each. */
  readonly from: readonly number[];
  /** What reaches its input besides feature maps: of `t`, `label` and `guidance`. */
  readonly conditions: readonly string[];
}

const networkLayersArguments = signature('networkLayers', { model: network });

/**
 * The layers of a network that make feature maps, found in its graph, inputs before outputs.
 *
 * @throws RangeError for a configuration that cannot be built
 */
export function networkLayers(model: DenoiserConfig): readonly NetworkLayer[] {
  networkLayersArguments({ model });
  const { imageChannels, imageSize } = model;
  const x = input('x', [1, imageChannels, imageSize, imageSize]);
  const prediction = denoise(
    model,
    new ParameterScope((name, declaration) => input(name, storageShape(declaration))),
    x,
    input('t', [1]),
    input('label', [1]),
    keepAll,
    guidanceInput(model, 1),
  );
  const nodes = topologicalOrder([prediction]).filter((node) => node === x || kindOf(node) !== undefined);
  return nodes.map((node) => {
    const [, channels = 0, height = 0, width = 0] = node.shape;
    const { layers, conditions } = sourcesOf(node, nodes);
    const kernel = node.op === 'conv2d' ? node.inputs[1].shape[1] : undefined;
    return {
      kind: kindOf(node) ?? 'input',
      name: nameOf(node),
      ...(kernel !== undefined && { kernel }),
      ...{ channels, height, width },
      from: layers.map((layer) => nodes.indexOf(layer)).sort((a, b) => a - b),
      conditions,
    };
  });
}

/** The kind of a node that is a layer; undefined for others. */
function kindOf(node: Tensor): Exclude<LayerKind, 'input'> | undefined {
  switch (node.op) {
    case 'conv2d':
      return 'convolution';
    case 'maxPool2x2':
    case 'spaceToDepth':
      return 'pooling';
    case 'upsampleNearest2x':
    case 'depthToSpace':
      return 'upsampling';
    case 'concat':
      return node.image ? 'concatenation' : undefined;
    default:
      return undefined;
  }
}

const CONDITIONS = ['t', 'label', 'guidance'];

/** The layers before a node, and the conditions that join on the way. */
function sourcesOf(node: Tensor, layers: readonly Tensor[]): { layers: Tensor[]; conditions: string[] } {
  const found = new Set<Tensor>();
  const conditions = new Set<string>();
  const seen = new Set<Tensor>();
  const pending: Tensor[] = [...node.inputs];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    if (seen.has(each)) continue;
    seen.add(each);
    if (layers.includes(each)) found.add(each);
    else if (each.op === 'input') {
      if (CONDITIONS.includes(each.attributes.name)) conditions.add(each.attributes.name);
    } else pending.push(...each.inputs);
  }
  return { layers: [...found], conditions: CONDITIONS.filter((name) => conditions.has(name)) };
}

/** What its parameters are called without `.weight`. */
function nameOf(node: Tensor): string {
  if (node.op !== 'conv2d') return '';
  const filter = topologicalOrder([node.inputs[1]]).find(({ op }) => op === 'input') as Tensor<'input'> | undefined;
  return filter?.attributes.name.replace(/\.weight$/, '') ?? '';
}
