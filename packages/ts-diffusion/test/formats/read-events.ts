/**
 * A reader of TensorBoard's event files that shares nothing with the writer: records and messages byte by byte, checksums bit by bit.
 */
import { Buffer } from 'node:buffer';

/** Remainder by Castagnoli's polynomial, one bit at a time. */
function remainder(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return Number(crc ^ 0xffffffffn);
}

function unmasked(masked: number): number {
  const rotated = Number((BigInt(masked) - 0xa282ead8n) & 0xffffffffn);
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** The data of the records of a file, up to one that is cut short or damaged, as TensorFlow's reader gives them. */
export function readRecords(file: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(file);
  const records: Uint8Array[] = [];
  for (let at = 0; at + 12 <= buffer.length;) {
    const length = Number(buffer.readBigUInt64LE(at));
    if (remainder(buffer.subarray(at, at + 8)) !== unmasked(buffer.readUInt32LE(at + 8))) break;
    const end = at + 12 + length;
    if (end + 4 > buffer.length) break;
    const data = buffer.subarray(at + 12, end);
    if (remainder(data) !== unmasked(buffer.readUInt32LE(end))) break;
    records.push(data);
    at = end + 4;
  }
  return records;
}

interface Field {
  readonly id: number;
  readonly value: number | Buffer;
}

/** The fields of a message in protobuf's wire format. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  while (at < message.length) {
    const key = varint();
    const id = key >> 3;
    const size = { 1: 8, 5: 4 }[key & 7];
    if ((key & 7) === 0) fields.push({ id, value: varint() });
    else {
      const length = size ?? varint();
      fields.push({ id, value: message.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

const numberOf = (fields: readonly Field[], id: number): number =>
  (fields.find((f) => f.id === id)?.value ?? 0) as number;
const bytesOf = (fields: readonly Field[], id: number): Buffer | undefined =>
  fields.find((field) => field.id === id)?.value as Buffer | undefined;

export interface ReadImage {
  readonly step: number;
  readonly width: number;
  readonly height: number;
  readonly png: string;
}

/** What a run's files show together, in the order of their names: events that a later start made void are left out. */
export interface EventsSeen {
  readonly scalars: Record<string, [step: number, value: number][]>;
  readonly images: Record<string, ReadImage[]>;
}

export function readEvents(files: readonly Uint8Array[]): EventsSeen {
  const scalars: EventsSeen['scalars'] = {};
  const images: EventsSeen['images'] = {};
  for (const record of files.flatMap(readRecords)) {
    const event = fieldsOf(Buffer.from(record));
    const step = numberOf(event, 2);
    const session = bytesOf(event, 7);
    if (session !== undefined && numberOf(fieldsOf(session), 1) === 1) {
      for (const [tag, points] of Object.entries(scalars)) scalars[tag] = points.filter(([at]) => at < step);
      for (const [tag, found] of Object.entries(images)) images[tag] = found.filter((image) => image.step < step);
    }
    const summary = bytesOf(event, 5);
    if (summary === undefined) continue;
    for (const { value } of fieldsOf(summary)) {
      const fields = fieldsOf(value as Buffer);
      const tag = (bytesOf(fields, 1) as Buffer).toString();
      const [number, image] = [bytesOf(fields, 2), bytesOf(fields, 4)];
      if (number) (scalars[tag] ??= []).push([step, number.readFloatLE()]);
      if (!image) continue;
      const [size, png] = [fieldsOf(image), bytesOf(fieldsOf(image), 4) as Buffer];
      const picture = { step, width: numberOf(size, 2), height: numberOf(size, 1), png: png.toString('base64') };
      (images[tag] ??= []).push(picture);
    }
  }
  return { scalars, images };
}

/** Wall time of each record, seconds since 1970. */
export function wallTimes(file: Uint8Array): number[] {
  return readRecords(file).map((record) => (bytesOf(fieldsOf(Buffer.from(record)), 1) as Buffer).readDoubleLE());
}
