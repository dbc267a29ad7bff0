import { ProgressBar } from './progress.js';

/** What `openImages` is told to report to. */
export interface PictureReports {
  readonly onPictures: (done: number, total: number) => void;
  readonly onMessage: (text: string) => void;
}

/** Shows how many pictures have been read while a data set is opened, and messages above that. */
export async function withPictureProgress<T>(open: (reports: PictureReports) => Promise<T>): Promise<T> {
  const progress = new ProgressBar();
  try {
    return await open({
      onPictures: (done, total) => {
        progress.update(done, total, 'pictures read');
      },
      onMessage: (text) => {
        progress.log(text);
      },
    });
  } finally {
    progress.stop();
  }
}
