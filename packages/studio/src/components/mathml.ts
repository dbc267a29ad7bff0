/** Parts of equations in MathML, which browsers draw by themselves. */
export const sub = (base: string, index: string): string => `<msub>${base}${index}</msub>`;
export const id = (name: string): string => `<mi>${name}</mi>`;
export const num = (value: string): string => `<mn>${value}</mn>`;
export const op = (sign: string): string => `<mo>${sign}</mo>`;
export const group = (...parts: string[]): string => `<mrow>${parts.join('')}</mrow>`;
export const root = (...parts: string[]): string => `<msqrt>${parts.join('')}</msqrt>`;
export const over = (top: string, bottom: string): string => `<mfrac>${top}${bottom}</mfrac>`;
export const inBrackets = (...inner: string[]): string => group(op('('), ...inner, op(')'));
export const call = (...inner: string[]): string => inBrackets(inner.join(op(',')));
export const power = (base: string, exponent: string): string => `<msup>${base}${exponent}</msup>`;
export const accent = (base: string, sign: string): string => `<mover accent="true">${base}<mo>${sign}</mo></mover>`;
