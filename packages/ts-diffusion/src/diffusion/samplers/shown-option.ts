/** The value of an option as a message says it; JSON knows neither NaN nor big integers. */
export function shownOption(value: unknown): string {
  return ['number', 'bigint', 'symbol', 'function'].includes(typeof value) ? String(value) : JSON.stringify(value);
}
