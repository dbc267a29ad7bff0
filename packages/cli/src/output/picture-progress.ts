import type { DownloadProgress } from 'ts-diffusion/node';
import { ProgressBar } from './progress.js';

/** What `openImages` is told to report to. */
export interface PictureReports {
  readonly onPictures: (done: number, total: number) => void;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onMessage: (text: string) => void;
}

/** Shows what has been downloaded and how many pictures have been read while a data set is opened, and messages above that. */
export async function withPictureProgress<T>(open: (reports: PictureReports) => Promise<T>): Promise<T> {
  const progress = new ProgressBar();
  try {
    return await open({
      onPictures: (done, total) => {
        progress.update(done, total, 'pictures read');
      },
      onProgress: ({ file, received, total }) => {
        if (total !== undefined) progress.update(received, total, `bytes, ${file}`);
      },
      onMessage: (text) => {
        progress.log(text);
      },
    });
  } finally {
    progress.stop();
  }
}
