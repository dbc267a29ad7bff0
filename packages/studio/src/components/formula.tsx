import type { VNode } from 'preact';

/** The paper's equations in MathML, which browsers draw by themselves. */
const sub = (base: string, index: string): string => `<msub>${base}${index}</msub>`;
const id = (name: string): string => `<mi>${name}</mi>`;
const num = (value: string): string => `<mn>${value}</mn>`;
const op = (sign: string): string => `<mo>${sign}</mo>`;
const group = (...parts: string[]): string => `<mrow>${parts.join('')}</mrow>`;
const root = (...parts: string[]): string => `<msqrt>${parts.join('')}</msqrt>`;
const over = (top: string, bottom: string): string => `<mfrac>${top}${bottom}</mfrac>`;
const call = (...inner: string[]): string => group(op('('), inner.join(op(',')), op(')'));

const t = id('t');
const x = (index: string): string => sub(id('x'), index);
const epsilon = sub(id('ε'), id('θ'));
const barAlpha = sub('<mover accent="true"><mi>α</mi><mo>¯</mo></mover>', t);
const tilde = '<mover accent="true"><mi>ε</mi><mo>~</mo></mover>';
const rest = root(num('1'), op('−'), barAlpha);
const previous = group(t, op('−'), num('1'));

const formulas = {
  guidance: [
    'epsilon tilde equals one plus omega times the prediction with class, minus omega times the prediction without',
    [
      tilde,
      op('='),
      op('('),
      num('1'),
      op('+'),
      id('ω'),
      op(')'),
      epsilon,
      call(x(t), t, id('c')),
      op('−'),
      id('ω'),
      epsilon,
      call(x(t), t),
    ],
  ],
  forward: [
    'x t equals root alpha bar t times x zero plus root one minus alpha bar t times epsilon',
    [x(t), op('='), root(barAlpha), x(num('0')), op('+'), rest, id('ε')],
  ],
  predictedX0: [
    'x zero hat equals x t minus root one minus alpha bar t times epsilon tilde, over root alpha bar t',
    [
      sub('<mover accent="true"><mi>x</mi><mo>^</mo></mover>', num('0')),
      op('='),
      over(group(x(t), op('−'), rest, tilde), root(barAlpha)),
    ],
  ],
  reverse: [
    'x t minus one equals one over root alpha t times x t minus beta t over root one minus alpha bar t times epsilon tilde, plus sigma t z',
    [
      sub(id('x'), previous),
      op('='),
      over(num('1'), root(sub(id('α'), t))),
      op('('),
      x(t),
      op('−'),
      over(sub(id('β'), t), rest),
      tilde,
      op(')'),
      op('+'),
      sub(id('σ'), t),
      id('z'),
    ],
  ],
  signalToNoise: [
    'the signal-to-noise ratio at t equals alpha bar t over one minus alpha bar t',
    [id('SNR'), call(t), op('='), over(barAlpha, group(num('1'), op('−'), barAlpha))],
  ],
  loss: [
    'the loss is the expected distance between epsilon and the prediction for x t, t and c',
    [
      id('L'),
      op('='),
      sub(id('E'), group(x(num('0')), op(','), t, op(','), id('ε'))),
      op('‖'),
      id('ε'),
      op('−'),
      epsilon,
      call(x(t), t, id('c')),
      op('‖'),
    ],
  ],
} satisfies Record<string, readonly [spoken: string, parts: readonly string[]]>;

export type FormulaName = keyof typeof formulas;

export function Formula({ name }: { readonly name: FormulaName }): VNode {
  const [spoken, parts] = formulas[name];
  const math = `<math display="block" aria-label="${spoken}">${parts.join('')}</math>`;
  return <div dangerouslySetInnerHTML={{ __html: math }} />;
}
