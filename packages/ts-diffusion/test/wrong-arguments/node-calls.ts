import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as data from '../../src/entries/data.js';
import { DataError } from '../../src/entries/errors.js';
import * as evaluation from '../../src/entries/evaluation.js';
import * as images from '../../src/entries/images.js';
import * as main from '../../src/entries/main.js';
import * as node from '../../src/entries/node.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { resolveDistillConfig } from '../../src/distillation/distill-config.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { parseDiffusersConfig } from '../../src/models/unet2d/diffusers-config.js';
import { contents, frechet, hash } from '../evaluation/receipt-contents.js';
import { writeTinyRun } from '../pipeline/tiny-model.js';
import { config, gray, pixels, type Call, dataset } from './fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'wrong-arguments-'));
const inFolder = (name: string): string => join(folder, name);
const ignore = (): void => undefined;
const png = images.encodePng(pixels, 8, 8);
node.writeFileAtomic(inFolder('pictures/0.png'), png);
node.writeFileAtomic(inFolder('config.json'), '{"steps": 3}');
node.writeFileAtomic(inFolder('metrics.jsonl'), '{"step": 1}\n');
node.writeReceipt(inFolder('receipt.json'), contents(frechet(1)));
const commit = 'c0ffee'.repeat(7).slice(0, 40);
node.writeFileAtomic(inFolder(`hub/datasets--me--pets/${commit}.json`), '{"files": []}');
const checkpoint = writeTinyRun(inFolder('run'));
const distillConfig = resolveDistillConfig({});
node.writeFileAtomic(inFolder('distillation/distill.json'), JSON.stringify(distillConfig));
const diffusersFolder = inFolder('diffusers');
const networkFields = {
  block_out_channels: [8],
  down_block_types: ['DownBlock2D'],
  up_block_types: ['UpBlock2D'],
  norm_num_groups: 4,
};
const network = denoiserParameters(parseDiffusersConfig({ ...networkFields, sample_size: 8 }, 'config.json'));
node.writeFileAtomic(join(diffusersFolder, 'config.json'), JSON.stringify(networkFields));
node.writeFileAtomic(
  join(diffusersFolder, 'diffusion_pytorch_model.safetensors'),
  encodeSafetensors(network.toNamedTensors(network.initialise(1))),
);
const classifierReceipt = {
  network: 'evaluator',
  weights: { sha256: hash('a'), bytes: 1, parameters: 1 },
  valueRange: evaluation.VALUE_RANGE,
  accuracy: 1,
  errors: 0,
  data: { train: { count: 1, sha256: hash('a') }, test: { count: 1, sha256: hash('b') } },
  command: 'a command',
  seed: 0,
  steps: 1,
  training: {},
  program: 'ts-diffusion',
  commit: 'a commit',
  machine: 'a machine',
  createdAt: '2026-11-23T12:00:00.000Z',
  seconds: 1,
};
const downloading = {
  offline: true,
  onMessage: ignore,
  onProgress: ignore,
  signal: new AbortController().signal,
  connectTimeout: 1,
  stallTimeout: 1,
  retryDelay: 1,
  environment: { DIFFUSION_CACHE_DIR: folder },
};

let runs = 0;

const shard = {
  ...{ kind: 'images' as const, set: { seed: 1 }, index: 1, of: 1, first: 0, count: 1, total: 1 },
  notes: { machine: 'a machine' },
};
const shardFile = node.writeShard(inFolder('shards'), shard, new Map());

/** Data, devices and everything that only Node.js has. */
export const nodeCalls: readonly Call[] = [
  { name: 'writeShard', call: node.writeShard, given: [inFolder('shards'), shard, new Map()] },
  { name: 'readShard', call: node.readShard, given: [shardFile] },
  { name: 'findShard', call: node.findShard, given: [inFolder('shards'), shard] },
  { name: 'shardPath', call: node.shardPath, given: [inFolder('shards'), shard] },
  { name: 'holdsShards', call: node.holdsShards, given: [inFolder('shards')] },
  { name: 'readShards', call: node.readShards, given: [[shardFile], ignore, 'images'] },
  {
    name: 'readDiffusersFolder',
    call: node.readDiffusersFolder,
    given: [diffusersFolder, { nullClass: false, classes: 1, imageSize: 8 }],
  },
  {
    name: 'exportDiffusers',
    call: node.exportDiffusers,
    given: [node.readDiffusersFolder(diffusersFolder, { imageSize: 8 }), { half: true }],
  },
  {
    name: 'loadDataset',
    call: data.loadDataset,
    given: [{ ...downloading, split: 'train', directory: 'embedded', classes: 10 }],
  },
  {
    name: 'openImages',
    call: node.openImages,
    given: [{ ...downloading, split: 'train', directory: 'embedded', classes: 10 }],
  },
  { name: 'picturesLike', call: node.picturesLike, given: [dataset] },
  {
    name: 'openValidation',
    call: node.openValidation,
    given: [dataset, { ...downloading, split: 'train', directory: 'embedded', classes: 10 }],
  },
  {
    name: 'loadEmbeddedDigits',
    call: data.loadEmbeddedDigits,
    given: [10, downloading.signal],
    allOptional: true,
  },
  { name: 'parseJson', call: data.parseJson, given: ['3', { strict: true }] },
  {
    name: 'createRuntime',
    call: main.createRuntime,
    given: [{ device: 'cpu', threads: 1, wasmPaths: 'x' }],
    ofManyKinds: ['wasmPaths'],
    allOptional: true,
  },
  {
    name: 'createNodeRuntime',
    call: node.createNodeRuntime,
    given: [{ device: 'cpu', threads: 1 }],
    allOptional: true,
  },
  { name: 'detectDevices', call: node.detectDevices, given: [{ timeoutMs: 1 }], allOptional: true },
  {
    name: 'loadInceptionWeights',
    // There are none in the repository: with all arguments right, the file is what is missed.
    call: (options: node.LoadInceptionWeightsOptions) =>
      node.loadInceptionWeights(options).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
      }),
    given: [{ ...downloading, path: inFolder('none.pth') }],
    allOptional: true,
  },
  { name: 'receiptPath', call: node.receiptPath, given: ['x.safetensors'] },
  {
    name: 'writeClassifierReceipt',
    call: node.writeClassifierReceipt,
    given: [inFolder('x.json'), classifierReceipt],
    ofManyKinds: ['commit'],
  },
  {
    name: 'readClassifierReceipt',
    call: node.readClassifierReceipt,
    given: [fileURLToPath(new URL('../../models/evaluator.receipt.json', import.meta.url))],
  },
  {
    name: 'readImageFolder',
    call: node.readImageFolder,
    given: [inFolder('pictures'), { mode: 'own', recursive: false, onMessage: ignore }],
  },
  { name: 'readPicture', call: node.readPicture, given: [inFolder('pictures/0.png')] },
  { name: 'readScoredImages', call: node.readScoredImages, given: [inFolder('pictures'), 'test', ignore] },
  { name: 'FileEvaluationCache', call: (path: string) => new node.FileEvaluationCache(path), given: [folder] },
  {
    name: 'FileEvaluationCache.value',
    call: (...given: [object, () => number]) => new node.FileEvaluationCache(folder).value(...given),
    given: [{}, () => 3],
  },
  {
    name: 'FileEvaluationCache.statistics',
    call: (...given: [object, () => Promise<evaluation.FeatureStatistics>]) =>
      new node.FileEvaluationCache(folder).statistics(...given),
    given: [{}, () => Promise.resolve(new evaluation.FeatureStatistics(3))],
  },
  { name: 'writeError', call: node.writeError, given: ['x', new Error('a reason')] },
  { name: 'writeFileAtomic', call: node.writeFileAtomic, given: [inFolder('file'), 'text'] },
  {
    name: 'checkOutputFile',
    call: node.checkOutputFile,
    given: [inFolder('file.png'), { what: 'a picture', extensions: ['.png'] }],
  },
  {
    name: 'checkOutputFolder',
    call: node.checkOutputFolder,
    given: [inFolder('folder'), { what: 'pictures', files: ['0.png'] }],
  },
  { name: 'loadCheckpoint', call: node.loadCheckpoint, given: [checkpoint, ignore] },
  { name: 'shippedModel', call: node.shippedModel, given: ['quick'], allOptional: true },
  { name: 'sha256Hex', call: node.sha256Hex, given: [pixels, pixels], allOptional: true },
  {
    name: 'MetricsFile',
    call: (...given: ConstructorParameters<typeof node.MetricsFile>) => {
      new node.MetricsFile(...given).close();
    },
    given: [inFolder('metrics-2.jsonl'), 0, ignore],
  },
  { name: 'readMetrics', call: node.readMetrics, given: [inFolder('metrics.jsonl')] },
  { name: 'readWatched', call: node.readWatched, given: [inFolder('metrics.jsonl')] },
  { name: 'bestWeightsFile', call: node.bestWeightsFile, given: ['x'] },
  {
    name: 'RunFolder.create',
    call: (...[path, ...others]: Parameters<typeof node.RunFolder.create>) => {
      const numbered = typeof path === 'string' ? `${path}-${runs++}` : path;
      node.RunFolder.create(numbered, ...others).close();
    },
    given: [inFolder('new'), config, { takeOver: false, replaces: 'a nonce' }],
  },
  {
    name: 'RunFolder.resume',
    call: (...given: Parameters<typeof node.RunFolder.resume>) => {
      node.RunFolder.resume(...given).close();
    },
    given: [inFolder('run'), { takeOver: false, replaces: 'a nonce' }],
  },
  {
    name: 'DistillFolder.create',
    call: (...[path, ...others]: Parameters<typeof node.DistillFolder.create>) => {
      const numbered = typeof path === 'string' ? `${path}-${runs++}` : path;
      node.DistillFolder.create(numbered, ...others).close();
    },
    given: [inFolder('distilled'), distillConfig, { takeOver: false }],
  },
  {
    name: 'DistillFolder.resume',
    call: (...given: Parameters<typeof node.DistillFolder.resume>) => {
      node.DistillFolder.resume(...given).close();
    },
    given: [inFolder('distillation'), { takeOver: false }],
  },
  { name: 'hasTrained', call: node.hasTrained, given: ['x'] },
  {
    name: 'RunLock.acquire',
    call: (...given: Parameters<typeof node.RunLock.acquire>) => {
      node.RunLock.acquire(...given).release();
    },
    given: [inFolder('run/test.lock'), { takeOver: false, purpose: { activity: 'testing', afterLoss: 'Test again.' } }],
  },
  { name: 'lockHolder', call: node.lockHolder, given: ['x'] },
  {
    name: 'uploadFolder',
    // A folder of nothing is refused before anything is sent.
    call: (...given: Parameters<typeof node.uploadFolder>) =>
      node.uploadFolder(...given).catch((error: unknown) => {
        if (!(error instanceof DataError) || !error.message.includes('holds no files to upload')) throw error;
      }),
    given: [
      inFolder('pictures'),
      'hf:me/pets',
      {
        kind: 'model',
        private: true,
        message: 'x',
        wanted: () => false,
        onProgress: ignore,
        onMessage: ignore,
        signal: downloading.signal,
        connectTimeout: 1,
        retryDelay: 1,
        environment: { HF_TOKEN: 'hf_x', HF_ENDPOINT: 'http://127.0.0.1:9' },
      },
    ],
  },
  { name: 'isHubAddress', call: node.isHubAddress, given: ['hf:me/pets'] },
  {
    name: 'downloadRepository',
    call: node.downloadRepository,
    given: [`hf:me/pets@${commit}`, { ...downloading, kind: 'dataset', wanted: () => true, check: ignore }],
  },
  {
    name: 'pinHubAddress',
    call: node.pinHubAddress,
    given: [`hf:me/pets@${commit}`, { ...downloading, kind: 'dataset' }],
  },
  { name: 'cacheFolder', call: node.cacheFolder, given: [{}] },
  { name: 'networkFiles', call: node.networkFiles, given: ['0'.repeat(64), {}] },
  { name: 'readTrainConfigFile', call: node.readTrainConfigFile, given: [inFolder('config.json')] },
  { name: 'readReceipt', call: node.readReceipt, given: [inFolder('receipt.json')] },
  { name: 'writeReceipt', call: node.writeReceipt, given: [inFolder('other.json'), contents(frechet(1))] },
  { name: 'decodePicture', call: node.decodePicture, given: [png, 'x', { limits: { pixels: 100 } }] },
  { name: 'encodePicture', call: node.encodePicture, given: [gray, 'x.png'] },
  { name: 'checkPictureName', call: node.checkPictureName, given: ['x.png'] },
];
