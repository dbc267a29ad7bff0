import { expect, test } from 'vitest';
import { namingOutOfMemory, OutOfMemoryError } from '../../src/runtime/out-of-memory.js';
import { RuntimeError } from '../../src/runtime/types.js';
import * as errors from '../../src/entries/errors.js';
import { ConfigError, TrainingDivergedError, UserError } from '../../src/entries/errors.js';
import { decodeError, encodeError } from '../../src/worker/transferred-error.js';

test.each<Error>([
  new RuntimeError('The program cannot be compiled: std::bad_alloc'),
  new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded'),
  new RangeError('Array buffer allocation failed'),
])('%s is told as memory that has run out', (error) => {
  const named = namingOutOfMemory(error) as OutOfMemoryError;
  expect(named).toBeInstanceOf(OutOfMemoryError);
  expect(named).toMatchObject({ message: error.message, cause: error });
});

test.each([new TypeError('x is undefined'), new ConfigError('omega is -1'), 'a text'])(
  '%s is not told as memory that has run out',
  (error) => {
    expect(namingOutOfMemory(error)).toBe(error);
  },
);

/** All that the package exports and that are made of their message. */
const userErrors = Object.values<new (message: string) => Error>(errors as never).filter(
  (each) => (each === UserError || each.prototype instanceof UserError) && each !== (TrainingDivergedError as unknown),
);
const thrown = userErrors.map((UserErrorClass) => new UserErrorClass('what, where, what to do'));

test('errors that are sent are those of the package', () => {
  expect(userErrors.length).toBeGreaterThan(7);
});

test.each<Error>([
  ...thrown,
  new RuntimeError('it failed', { cause: new RangeError('because') }),
  new OutOfMemoryError('no more memory'),
  new RangeError('out of range'),
  new TypeError('not this'),
  new DOMException('stopped', 'AbortError'),
  new TrainingDivergedError(12, 0.5, 'the loss is NaN', 'Nothing is kept.'),
])('%s keeps its class, message, cause and stack on the way', (error) => {
  const received = decodeError(structuredClone(encodeError(error)));
  expect(received).toBeInstanceOf(error.constructor);
  expect(received.constructor).toBe(error.constructor);
  const { name, message, stack } = error;
  expect(received).toMatchObject({ name, message, stack });
  const { cause } = error;
  if (cause !== undefined) expect(received.cause).toEqual(cause);
  if (error instanceof TrainingDivergedError) expect(received).toMatchObject({ step: 12, learningRate: 0.5 });
});

test('an error of an unknown class keeps its name, and what is no error its text', () => {
  const strange = Object.assign(new Error('of a library'), { name: 'StrangeError' });
  expect(decodeError(encodeError(strange))).toMatchObject({ name: 'StrangeError', message: 'of a library' });
  expect(decodeError(encodeError('just text'))).toMatchObject({ name: 'Error', message: 'just text' });
  // What a record has from its prototype is no class of ours.
  const inherited = Object.assign(new Error('x'), { name: 'constructor' });
  expect(decodeError(encodeError(inherited))).toBeInstanceOf(Error);
});
