import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

/** The content of a stream is not what its hash says. */
export class OtherContentError extends Error {
  override readonly name = 'OtherContentError';
}

/**
 * Passes bytes on and checks them: the last ones only once the hash of all is right, so that whoever counts them never takes other
 * content for the whole. Ends with `OtherContentError` otherwise.
 */
export class VerifiedStream extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #last: Buffer | undefined;

  constructor(private readonly expected: { readonly sha256: string; readonly size: number }) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.expected.size) {
      done(new OtherContentError(`more than ${this.expected.size} bytes`));
      return;
    }
    this.#hash.update(chunk);
    if (this.#last !== undefined) this.push(this.#last);
    this.#last = chunk;
    done();
  }

  override _flush(done: TransformCallback): void {
    const { size, sha256 } = this.expected;
    if (this.#bytes < size) done(new OtherContentError(`${this.#bytes} of ${size} bytes`));
    else if (this.#hash.digest('hex') !== sha256) done(new OtherContentError('another hash'));
    else done(null, this.#last);
  }
}
