/**
 * The errors that a user can cause, each with one sentence that says what to do.
 *
 * @module ts-diffusion/errors
 */
export {
  CheckpointError,
  ConfigError,
  DataError,
  DisposedError,
  EvaluationError,
  MissingSplitError,
  UserError,
  WriteError,
} from '../utils/errors.js';
export { RunFolderError, TrainingDivergedError } from '../training/errors.js';
export { RuntimeError } from '../runtime/types.js';
