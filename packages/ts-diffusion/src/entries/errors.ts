export { CheckpointError, ConfigError, DataError, EvaluationError, UserError, WriteError } from '../utils/errors.js';
