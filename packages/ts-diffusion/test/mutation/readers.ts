import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { parseTrainConfigFile, resolveTrainConfig } from '../../src/training/resolve-config.js';
import { createDataset } from '../../src/data/dataset.js';
import { decompressed } from '../../src/node/data/idx-file.js';
import { parquetSource } from '../../src/node/data/parquet-pictures.js';
import { readMetadata } from '../../src/node/data/picture-metadata.js';
import { decodeIdx, encodeIdx } from '../../src/data/idx.js';
import { decodeClassifier, encodeClassifier } from '../../src/classifier/classifier-file.js';
import { readClassifierReceipt } from '../../src/node/classifier/classifier-receipt.js';
import { createFeatures } from '../../src/evaluation/features.js';
import { FeatureStatistics } from '../../src/evaluation/feature-statistics.js';
import { readStateDict } from '../../src/evaluation/inception/torch-archive.js';
import { readReceipt, writeReceipt } from '../../src/node/evaluation/receipt-file.js';
import { decodePicture } from '../../src/node/formats/decode-picture.js';
import { decodeSafetensors } from '../../src/formats/safetensors.js';
import { encodeWithDigest } from '../../src/formats/safetensors-digest.js';
import { classifierParameters } from '../../src/classifier/classifier-network.js';
import { evaluatorNetwork } from '../../src/classifier/evaluator.js';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import { decodeModelFile } from '../../src/pipeline/model-file.js';
import { encodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { readMetrics } from '../../src/node/training/metrics.js';
import type { RandomStream } from '../../src/utils/random.js';
import { contents, frechet } from '../evaluation/receipt-contents.js';
import { pngFile } from '../formats/png-file.js';
import { goldenImages } from '../golden/images.js';
import { goldenParquet } from '../golden/parquet.js';
import { readTorchArchives } from '../golden/torch-archives.js';
import { tinyCheckpoint, tinyModel } from '../pipeline/tiny-model.js';
import { mutateBytes, mutateValue } from './mutate.js';

/** A reader of files, with what makes mutants for it. */
export interface MutatedReader {
  readonly name: string;
  readonly mutant: (random: RandomStream) => Uint8Array;
  /** Reads a mutant as the program would. */
  readonly read: (file: Uint8Array) => unknown;
}

/** Mutants of files that are read well. */
function ofFiles(name: string, files: readonly Uint8Array[], read: MutatedReader['read']): MutatedReader {
  return {
    name,
    mutant: (random) => mutateBytes(files[random.integer(files.length)] as Uint8Array, random),
    read,
  };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The fields but for one. */
function without(fields: Readonly<Record<string, string>>, left: string): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== left));
}

/** Metadata of a safetensors file, with one member of those in JSON mutated, under a checksum that is right. */
function ofMetadata(name: string, file: Uint8Array, read: MutatedReader['read']): MutatedReader {
  const { tensors, metadata } = decodeSafetensors(file, name);
  const fields = without(metadata, 'sha256');
  const names = Object.keys(fields);
  return {
    name,
    mutant: (random) => {
      const field = names[random.integer(names.length)] as string;
      const text = fields[field] as string;
      const isJson = /^[[{]/.test(text);
      const mutated = isJson && random.integer(4) > 0 ? JSON.stringify(mutateValue(JSON.parse(text), random)) : null;
      const value = mutated ?? new TextDecoder().decode(mutateBytes(bytesOf(text), random));
      const changed = random.integer(10) === 0 ? {} : { [field]: value };
      return encodeWithDigest(tensors, { ...without(fields, field), ...changed });
    },
    read,
  };
}

/** Values of JSON, mutated, and texts of them, mutated. */
function ofJson(name: string, value: unknown, read: MutatedReader['read']): MutatedReader {
  return {
    name,
    mutant: (random) =>
      random.integer(3) === 0
        ? mutateBytes(bytesOf(JSON.stringify(value)), random)
        : bytesOf(JSON.stringify(mutateValue(value, random))),
    read,
  };
}

/** @param folder for readers that take paths */
export function mutatedReaders(folder: string): readonly MutatedReader[] {
  const onDisk =
    (name: string, read: (path: string) => unknown): MutatedReader['read'] =>
    (file) => {
      const path = join(folder, name);
      writeFileSync(path, file);
      return read(path);
    };
  const checkpoint = encodeCheckpoint({
    ...tinyCheckpoint(),
    data: { source: 'tiny', sha256: 'ab'.repeat(32), seenClasses: [3, 7] },
  });
  const readModel = (file: Uint8Array) => decodeModelFile(file, 'mutant');
  const exported = exportModelFiles(tinyModel()).safetensors;
  const classifier = encodeClassifier(evaluatorNetwork, classifierParameters(evaluatorNetwork).initialise(1));
  const readClassifier = (file: Uint8Array) => decodeClassifier(file, 'mutant');

  const images = encodeIdx({ shape: [5, 4, 3], data: new Uint8Array(60).fill(9) });
  const labels = encodeIdx({ shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) });
  const readIdx = (file: Uint8Array) => createDataset(decodeIdx(file, 'm', 3), decodeIdx(labels, 'l', 1), 'mutant');
  const readGz = async (file: Uint8Array) => readIdx(await decompressed(file, 'mutant'));

  const pictures = [...Object.values(goldenImages.cases), ...Object.values(goldenImages.others)].map(({ file }) =>
    Buffer.from(file, 'base64'),
  );
  const readPicture = (file: Uint8Array) => decodePicture(file, 'mutant');

  const jsonLines = ['a.png', 'b.png'].map((name) => JSON.stringify({ file_name: name, label: 'x' })).join('\n');
  const describe = (path: string) => readMetadata(folder, basename(path));
  const tables = [goldenParquet.train0, goldenParquet.plain, goldenParquet.names].map((file) =>
    Buffer.from(file, 'base64'),
  );
  const readTable = async (path: string) => {
    const source = await parquetSource(folder, [basename(path)], { split: 'train' });
    for (const file of source.files) await source.read(file);
  };

  const config = resolveTrainConfig('modern', {});
  const receiptFile = join(folder, 'receipt.json');
  writeReceipt(receiptFile, contents(frechet(1), frechet(2)));
  const receipt = JSON.parse(readFileSync(receiptFile, 'utf8')) as unknown;
  const classifierReceipt = JSON.parse(
    readFileSync(new URL('../../models/evaluator.receipt.json', import.meta.url), 'utf8'),
  ) as unknown;
  const metrics = Array.from({ length: 20 }, (_, step) => JSON.stringify({ step, loss: 1 / (step + 1) })).join('\n');
  const archives = readTorchArchives().files.map(({ file }) => Buffer.from(file, 'base64'));
  const statistics = FeatureStatistics.of(
    createFeatures(
      Float32Array.from({ length: 12 }, (_, i) => i % 5),
      3,
    ),
  );

  return [
    ofFiles('safetensors', [exported.slice(0, 5000), exported, checkpoint], (file) =>
      decodeSafetensors(file, 'mutant'),
    ),
    ofFiles('checkpoint', [checkpoint], readModel),
    ofMetadata('metadata of a checkpoint', checkpoint, readModel),
    ofFiles('exported model', [exported], readModel),
    ofMetadata('metadata of an exported model', exported, readModel),
    ofFiles('classifier', [classifier], readClassifier),
    ofMetadata('metadata of a classifier', classifier, readClassifier),
    ofFiles('IDX', [images], readIdx),
    ofFiles('gzip', [gzipSync(images)], readGz),
    { name: 'IDX in gzip', mutant: (random) => gzipSync(mutateBytes(images, random), { level: 1 }), read: readGz },
    ofFiles('metadata.jsonl', [bytesOf(jsonLines)], onDisk('metadata.jsonl', describe)),
    ofFiles('metadata.csv', [bytesOf('file_name,label\n"a, b.png",x\nc.png,"y"\n')], onDisk('metadata.csv', describe)),
    ofFiles('Parquet', tables, onDisk('mutant.parquet', readTable)),
    ofFiles('picture', pictures, readPicture),
    {
      name: 'PNG with checksums that are right',
      mutant: (random) => {
        const compressed = mutateBytes(deflateSync(new Uint8Array(29 * 28)), random);
        return pngFile(20 + random.integer(9), 20 + random.integer(9), compressed);
      },
      read: readPicture,
    },
    ofJson('configuration', config, (file) =>
      resolveTrainConfig('paper', parseTrainConfigFile(new TextDecoder().decode(file), 'mutant')),
    ),
    ofJson('receipt', receipt, onDisk('receipt.json', readReceipt)),
    ofJson('receipt of a classifier', classifierReceipt, onDisk('classifier.json', readClassifierReceipt)),
    ofFiles('metrics', [bytesOf(metrics)], onDisk('metrics.jsonl', readMetrics)),
    ofFiles('PyTorch archive', archives, (file) => readStateDict(file, 'mutant')),
    ofFiles('feature statistics', [statistics.toBytes()], (file) => FeatureStatistics.fromBytes(file, 'mutant')),
  ];
}
