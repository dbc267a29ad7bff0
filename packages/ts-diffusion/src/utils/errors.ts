/**
 * An error whose message is written for the person at the keyboard: what was wrong, where, what was expected, what to do.
 * The command line prints the message alone, without a stack, and exits with `exitCode`.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly exitCode: number = 1;
}

/** A data file or data source that cannot be used. */
export class DataError extends UserError {
  override readonly name: string = 'DataError';
}

/** A data set that is usable, but has not the split that is asked for. */
export class MissingSplitError extends DataError {
  override readonly name: string = 'MissingSplitError';
}

/** A configuration that is not valid. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';
}

/** A checkpoint that is missing, damaged or of another model. */
export class CheckpointError extends UserError {
  override readonly name = 'CheckpointError';
}

/** A file that cannot be written: full disk, missing permission, missing folder. */
export class WriteError extends UserError {
  override readonly name = 'WriteError';
}

/** Something that was disposed of or closed, and is asked for more. */
export class DisposedError extends UserError {
  override readonly name = 'DisposedError';

  /** @param what it is, `the pipeline`, and how to get another, `load the model again` */
  static of(what: string, instead: string): DisposedError {
    return new DisposedError(`${what} has been disposed of; ${instead}.`);
  }
}

/** A score that cannot be computed from what it was given. */
export class EvaluationError extends UserError {
  override readonly name = 'EvaluationError';
}
