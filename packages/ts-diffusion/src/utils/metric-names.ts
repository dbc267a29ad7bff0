import { signature, text } from './arguments.js';

/** What earlier versions called scores over the feature network, whatever images that was trained on. */
const FORMER_NAMES: ReadonlyMap<string, string> = new Map([
  ['Frechet distance (MNIST CNN features)', 'Frechet distance (CNN features)'],
  ['Kernel distance (KID, MNIST CNN features)', 'Kernel distance (KID, CNN features)'],
]);

const currentMetricNameArguments = signature('currentMetricName', { name: text });

/** The name that a metric has now. @param name as it stands in a receipt, a checkpoint or `metrics.jsonl` of any version */
export function currentMetricName(name: string): string {
  currentMetricNameArguments({ name });
  return FORMER_NAMES.get(name) ?? name;
}
