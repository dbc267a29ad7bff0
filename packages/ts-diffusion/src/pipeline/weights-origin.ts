/** Where weights come from; null where their file does not say. */
export interface WeightsOrigin {
  /** Of training. */
  readonly step: number | null;
  /** Whether they are the averaged weights. */
  readonly averaged: boolean | null;
}

export const UNKNOWN_ORIGIN: WeightsOrigin = { step: null, averaged: null };

/** What is known, as metadata of a file. */
export function describeOrigin({ step, averaged }: WeightsOrigin): Record<string, string> {
  return { ...(step !== null && { step: String(step) }), ...(averaged !== null && { averaged: String(averaged) }) };
}

/** What `describeOrigin` wrote. @throws Error for anything else under its names */
export function readOrigin({ step, averaged }: Readonly<Record<string, string>>): WeightsOrigin {
  if (step !== undefined && !/^\d+$/.test(step)) throw new Error(`"step" is ${JSON.stringify(step)}.`);
  if (averaged !== undefined && averaged !== 'true' && averaged !== 'false') {
    throw new Error(`"averaged" is ${JSON.stringify(averaged)}.`);
  }
  return {
    step: step === undefined ? null : Number(step),
    averaged: averaged === undefined ? null : averaged === 'true',
  };
}
