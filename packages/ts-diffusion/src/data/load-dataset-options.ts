import type { Split } from './dataset.js';
import type { DownloadProgress } from './download-progress.js';
import type { RemoteDataset } from './mnist.js';
import type { PictureOptions } from './picture-options.js';
import type { PictureReport } from './picture-report.js';

/** Which data set is loaded, and from where. What is marked Node is refused in a browser with a ConfigError; callbacks are not called. */
export interface LoadDatasetOptions {
  readonly split: Split;
  /**
   * Node: folder or file of images (`openDirectory`), or `hf:owner/name` for a data set of the Hugging Face Hub. Browser: address of a
   * folder with the gzipped IDX files of MNIST, under their names. Both: `embedded` for the digits that come with the package. Nothing
   * else is tried. Default: what `openImages` finds in Node, the embedded digits in a browser.
   */
  readonly directory?: string | undefined;
  /** Number of classes the labels must be of; without it, the largest label of a directory + 1. */
  readonly classes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of every piece of a download that arrives. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Called with what the user should know: a download that starts or fails, the embedded digits in use. */
  readonly onMessage?: ((text: string) => void) | undefined;
  /** Node: never touch the network. */
  readonly offline?: boolean | undefined;
  /** Node: what pictures become; nothing for other data. */
  readonly pictures?: PictureOptions | undefined;
  /** Node: told how many of how many pictures have been read; twice over where they are decoded for the first time. */
  readonly onPictures?: ((done: number, total: number) => void) | undefined;
  /** Node: told of the files of pictures once they have been read, broken ones too. */
  readonly onFiles?: ((report: PictureReport) => void) | undefined;
  /** Node: what to download. Default: MNIST. */
  readonly remote?: RemoteDataset | undefined;
  /** Node: where DIFFUSION_DATA_DIR and DIFFUSION_CACHE_DIR are looked up. Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node: how long a server may take to answer, in milliseconds. */
  readonly connectTimeout?: number | undefined;
  /** Node: how long a server may pause in the middle, in milliseconds. */
  readonly stallTimeout?: number | undefined;
  /** Node: how long to wait before asking all servers again, in milliseconds. */
  readonly retryDelay?: number | undefined;
}
