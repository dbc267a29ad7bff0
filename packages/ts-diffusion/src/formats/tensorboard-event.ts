import protobuf from 'protobufjs/minimal.js';

/** A picture of an event. */
export interface EventImage {
  readonly width: number;
  readonly height: number;
  /** 1: gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha. */
  readonly channels: number;
  /** The file. */
  readonly png: Uint8Array;
}

/** What an event says; one of them. */
export type EventContent =
  /** The first event of a file. */
  | { readonly type: 'version' }
  /** A process starts to write; events of this step and of later ones, in earlier files, are void. */
  | { readonly type: 'start' }
  | { readonly type: 'scalars'; readonly values: Readonly<Record<string, number>> }
  | { readonly type: 'image'; readonly tag: string; readonly image: EventImage };

/** What TensorFlow 2 writes; readers of this version void events by `SessionLog.START`. */
const FILE_VERSION = 'brain.Event:2';
const SESSION_START = 1;

/** The wire types of protobuf that occur. */
const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const tag = (field: number, wire: number): number => (field << 3) | wire;

/**
 * An `Event` message of TensorBoard (`tensorboard/compat/proto/event.proto`, `summary.proto`), without the record around it.
 *
 * @param seconds wall time since 1970
 */
export function encodeEvent(step: number, seconds: number, content: EventContent): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, Wire.fixed64)).double(seconds);
  writer.uint32(tag(2, Wire.varint)).int64(step);
  switch (content.type) {
    case 'version':
      writer.uint32(tag(3, Wire.bytes)).string(FILE_VERSION);
      break;
    case 'start':
      writer.uint32(tag(7, Wire.bytes)).fork().uint32(tag(1, Wire.varint)).int32(SESSION_START).ldelim();
      break;
    case 'scalars':
      writer.uint32(tag(5, Wire.bytes)).fork();
      for (const [name, value] of Object.entries(content.values)) {
        writer.uint32(tag(1, Wire.bytes)).fork().uint32(tag(1, Wire.bytes)).string(name);
        writer.uint32(tag(2, Wire.fixed32)).float(value).ldelim();
      }
      writer.ldelim();
      break;
    case 'image':
      writer.uint32(tag(5, Wire.bytes)).fork().uint32(tag(1, Wire.bytes)).fork();
      writer.uint32(tag(1, Wire.bytes)).string(content.tag).uint32(tag(4, Wire.bytes)).fork();
      writeImage(writer, content.image);
      writer.ldelim().ldelim().ldelim();
      break;
  }
  return writer.finish();
}

function writeImage(writer: protobuf.Writer, { width, height, channels, png }: EventImage): void {
  writer.uint32(tag(1, Wire.varint)).int32(height);
  writer.uint32(tag(2, Wire.varint)).int32(width);
  writer.uint32(tag(3, Wire.varint)).int32(channels);
  writer.uint32(tag(4, Wire.bytes)).bytes(png);
}
