import { ConfigError } from 'ts-diffusion/errors';
import type { QueueAddress } from './queue-address.js';

export function unreachable({ shown, hide }: QueueAddress, error: Error): ConfigError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ConfigError(
    `The queue at ${shown} cannot be reached (${code ?? hide(message)}); check the address, and that the server is running and open to this machine.`,
    { cause: error },
  );
}

export function passwordRefused({ shown, hide }: QueueAddress, reason: string): ConfigError {
  return new ConfigError(
    `The queue at ${shown} refuses the user or the password (${hide(reason).replace(/\.$/, '')}); give them in the URL, USER:PASSWORD@HOST.`,
  );
}

export function serverTooOld({ shown }: QueueAddress, found: string, least: string): ConfigError {
  return new ConfigError(`The queue at ${shown} is ${found}; version ${least} or later is needed.`);
}
