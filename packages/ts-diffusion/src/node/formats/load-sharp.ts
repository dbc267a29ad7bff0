import type sharp from 'sharp';
import { UserError } from '../../utils/errors.js';

/**
 * The library that decodes and encodes pictures, loaded when the first picture needs it.
 *
 * @throws UserError where it is not installed, or not for this platform
 */
export async function loadSharp(): Promise<typeof sharp> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new UserError(`PNG, JPEG and WebP files need the package sharp (npm install sharp): ${reason}`, {
      cause: error,
    });
  }
}
