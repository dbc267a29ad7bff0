import { signature, text } from '../../utils/arguments.js';
import { DataError } from '../../utils/errors.js';

const PREFIX = 'hf:';

/** A repository of the Hugging Face Hub, or a folder of one. */
export interface HubAddress {
  /** `owner/name`. */
  readonly name: string;
  /** Below the repository's root, with slashes; '' for all of it. */
  readonly folder: string;
  /** A branch, a tag or a commit; undefined: the branch `main`. */
  readonly revision: string | undefined;
}

const isHubAddressArguments = signature('isHubAddress', { address: text });

/** Whether a text is meant as an address of the Hugging Face Hub: `hf:...`. */
export function isHubAddress(address: string): boolean {
  isHubAddressArguments({ address });
  return address.startsWith(PREFIX);
}

/**
 * Reads `hf:owner/name`, `hf:owner/name@REVISION` or `hf:owner/name/FOLDER@REVISION`.
 *
 * @throws DataError where it is of another form
 */
export function parseHubAddress(address: string): HubAddress {
  const form = /^hf:([\w.-]+\/[\w.-]+)((?:\/[^/@\\]+)*)\/?(?:@([\w./-]+))?$/.exec(address);
  const [, name = '', folder = '', revision] = form ?? [];
  const parts = [...name.split('/'), ...folder.split('/'), ...(revision ?? '').split('/')];
  if (form === null || parts.some((part) => part === '.' || part === '..')) {
    throw new DataError(
      `${JSON.stringify(address)} is no address of the Hub; expected hf:owner/name, with @REVISION behind it for a certain version`,
    );
  }
  return { name, folder: folder.slice(1), revision };
}

/** The address as text, the reverse of `parseHubAddress`. */
export function formatHubAddress({ name, folder, revision }: HubAddress): string {
  return PREFIX + name + (folder === '' ? '' : `/${folder}`) + (revision === undefined ? '' : `@${revision}`);
}

/** Whether a revision names one commit for ever. */
export function isCommit(revision: string | undefined): revision is string {
  return revision !== undefined && /^[0-9a-f]{40}$/.test(revision);
}
