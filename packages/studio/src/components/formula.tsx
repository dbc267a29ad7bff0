import type { VNode } from 'preact';
import type { Equation } from './equations.js';

export function Formula({ equation: { spoken, parts } }: { readonly equation: Equation }): VNode {
  const math = `<math display="block" aria-label="${spoken}">${parts.join('')}</math>`;
  return <div dangerouslySetInnerHTML={{ __html: math }} />;
}
