/** The parts of Observable Plot that the page draws with: the rest stays out of the bundle. */
export { dot, line, plot, ruleX, ruleY } from '@observablehq/plot';
