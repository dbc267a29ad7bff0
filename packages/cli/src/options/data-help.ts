/** The help of `--data` where the training digits will do. */
export const DATA_HELP =
  'folder with IDX files, or "embedded"; default: DIFFUSION_DATA_DIR, the cache, a download, or the embedded digits';

/** The help of `--data` where test digits are needed: the embedded digits have none. */
export const TEST_DATA_HELP = 'folder with IDX files; default: DIFFUSION_DATA_DIR, the cache, or a download';
