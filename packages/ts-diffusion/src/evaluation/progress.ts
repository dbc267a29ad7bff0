/** Called now and then during a computation that may take seconds, with the share of the work done: above 0, at last 1. */
export type ProgressHook = (share: number) => void;
