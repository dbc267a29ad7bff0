import { UserError } from 'ts-diffusion/errors';

/** A request that cannot be answered, with the HTTP status that says so. */
export class RequestError extends UserError {
  override readonly name = 'RequestError';

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}
