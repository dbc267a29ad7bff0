import type { Estimate } from './estimates.js';

/** Four significant digits; of large numbers all before the point. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 1e4 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}

/** `0.1963 ± 0.016`, its standard error behind it, with as many decimals as that has; a dash where there is none. */
export function formatEstimate(estimate: Pick<Estimate, 'value' | 'standardError'> | undefined): string {
  if (estimate === undefined) return '–';
  const { value, standardError } = estimate;
  if (!(standardError > 0)) return formatNumber(value);
  const error = Number(standardError.toPrecision(2));
  const decimals = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error))));
  return `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}`;
}

/** Floating-point operations in units of 10^12. */
export const formatTera = (flops: number): string => formatNumber(Number((flops / 1e12).toPrecision(3)));
