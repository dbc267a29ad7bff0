/** How far a download is. */
export interface DownloadProgress {
  readonly file: string;
  /** Bytes so far, those of an earlier, interrupted download included. */
  readonly received: number;
  /** Bytes in all, where the server says. */
  readonly total: number | undefined;
}
