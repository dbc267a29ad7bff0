import { OutOfMemoryError } from '../runtime/out-of-memory.js';
import { RuntimeError } from '../runtime/types.js';
import { RunFolderError, TrainingDivergedError } from '../training/errors.js';
import {
  CheckpointError,
  ConfigError,
  DataError,
  DisposedError,
  EvaluationError,
  MissingSplitError,
  UserError,
  WriteError,
} from '../utils/errors.js';

/** An error on its way from a worker: what of it can be sent. */
export interface TransferredError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: TransferredError | undefined;
  /** Of a training that diverged. */
  readonly step?: number | undefined;
  readonly learningRate?: number | undefined;
}

/** How an error of each class that callers tell apart is made again from its message. */
const classes: Readonly<Record<string, (message: string, options: ErrorOptions, error: TransferredError) => Error>> = {
  UserError: (message, options) => new UserError(message, options),
  DataError: (message, options) => new DataError(message, options),
  MissingSplitError: (message, options) => new MissingSplitError(message, options),
  ConfigError: (message, options) => new ConfigError(message, options),
  CheckpointError: (message, options) => new CheckpointError(message, options),
  WriteError: (message, options) => new WriteError(message, options),
  DisposedError: (message, options) => new DisposedError(message, options),
  EvaluationError: (message, options) => new EvaluationError(message, options),
  RunFolderError: (message, options) => new RunFolderError(message, options),
  RuntimeError: (message, options) => new RuntimeError(message, options),
  OutOfMemoryError: (message, options) => new OutOfMemoryError(message, options),
  RangeError: (message, options) => new RangeError(message, options),
  TypeError: (message, options) => new TypeError(message, options),
  AbortError: (message) => new DOMException(message, 'AbortError'),
  TrainingDivergedError: (message, _, { step = NaN, learningRate = NaN }) =>
    Object.assign(new TrainingDivergedError(step, learningRate, '', ''), { message }),
};

/** An error as it is sent. */
export function encodeError(error: unknown): TransferredError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { step, learningRate } = error as Partial<TrainingDivergedError>;
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : encodeError(error.cause),
    ...(error instanceof TrainingDivergedError && { step, learningRate }),
  };
}

/** The error again, of its class where that is one of the library's or of the language's. */
export function decodeError(sent: TransferredError): Error {
  const { name, message, stack, cause } = sent;
  const options = cause === undefined ? {} : { cause: decodeError(cause) };
  const make = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const error = make?.(message, options, sent) ?? Object.assign(new Error(message, options), { name });
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
