import type { SamplerName } from 'ts-diffusion/diffusion';
import type { TrainConfig } from 'ts-diffusion/train';
import { accent, call, group, id, inBrackets, num, op, over, power, root, sub } from './mathml.js';

/** An equation and how it is read aloud. */
export interface Equation {
  readonly spoken: string;
  readonly parts: readonly string[];
}

/** What a network predicts. */
export type Prediction = TrainConfig['prediction'];

const [t, s, omega] = [id('t'), id('s'), id('ω')];
const x = (index: string): string => sub(id('x'), index);
const x0 = x(num('0'));
const barAlpha = (index: string): string => sub(accent(id('α'), '¯'), index);
/** √ᾱ and √(1 − ᾱ): how much of the image and how much noise. */
const signal = (index: string): string => root(barAlpha(index));
const sigma = (index: string): string => root(num('1'), op('−'), barAlpha(index));
const hatX0 = sub(accent(id('x'), '^'), num('0'));
const hatEpsilon = (index: string): string => sub(accent(id('ε'), '^'), index);
const hatU = (index: string): string => sub(accent(id('u'), '^'), index);

const symbols: Readonly<Record<Prediction, { readonly letter: string; readonly spoken: string }>> = {
  epsilon: { letter: id('ε'), spoken: 'epsilon' },
  x0: { letter: id('x'), spoken: 'x' },
  v: { letter: id('v'), spoken: 'v' },
  flow: { letter: id('u'), spoken: 'u' },
};

/** The point of the linear path, and its time: sigma of x over signal plus sigma. */
const z = (index: string): string => sub(id('z'), index);
const time = (index: string): string => sub(id('τ'), index);
const meanOf = (...parts: string[]): string => over(group(...parts), num('2'));

/** What the network gives: of x, or where it predicts the flow, of the point of the linear path. */
const network = (prediction: Prediction, ...inner: string[]): string =>
  group(sub(symbols[prediction].letter, id('θ')), call(prediction === 'flow' ? z(t) : x(t), t, ...inner));
const guided = (prediction: Prediction): string => accent(symbols[prediction].letter, '~');

/** Equation 6, for whatever the network predicts. */
export const guidanceEquation = (prediction: Prediction): Equation => ({
  spoken: `${symbols[prediction].spoken} tilde equals one plus omega times the prediction with the class, minus omega times the prediction without`,
  parts: [
    guided(prediction),
    op('='),
    inBrackets(num('1'), op('+'), omega),
    network(prediction, id('c')),
    op('−'),
    omega,
    network(prediction),
  ],
});

export const forwardEquation: Equation = {
  spoken: 'x t equals root alpha bar t times x zero plus root one minus alpha bar t times epsilon',
  parts: [x(t), op('='), signal(t), x0, op('+'), sigma(t), id('ε')],
};

export const signalToNoiseEquation: Equation = {
  spoken: 'the signal-to-noise ratio at t equals alpha bar t over one minus alpha bar t',
  parts: [id('SNR'), call(t), op('='), over(barAlpha(t), group(num('1'), op('−'), barAlpha(t)))],
};

/** The predicted image, from what the network predicts. */
export function predictedImageEquation(prediction: Prediction): Equation {
  switch (prediction) {
    case 'epsilon':
      return {
        spoken: 'x zero hat equals x t minus root one minus alpha bar t times epsilon tilde, over root alpha bar t',
        parts: [hatX0, op('='), over(group(x(t), op('−'), sigma(t), guided(prediction)), signal(t))],
      };
    case 'x0':
      return { spoken: 'x zero hat equals x tilde', parts: [hatX0, op('='), guided(prediction)] };
    case 'v':
      return {
        spoken: 'x zero hat equals root alpha bar t times x t minus root one minus alpha bar t times v tilde',
        parts: [hatX0, op('='), signal(t), x(t), op('−'), sigma(t), guided(prediction)],
      };
    case 'flow':
      return {
        spoken: 'x zero hat equals z t minus tau t times u tilde',
        parts: [hatX0, op('='), z(t), op('−'), time(t), guided(prediction)],
      };
  }
}

const onX = (of: string): string => over(sigma(s), of);
const growth = (exponent: string): string => power(id('e'), exponent);

const exponential: Equation = {
  spoken:
    'x s equals root one minus alpha bar s over root one minus alpha bar t times x t, plus root alpha bar s times one minus e to the minus h times D',
  parts: [
    x(s),
    op('='),
    onX(sigma(t)),
    x(t),
    op('+'),
    signal(s),
    inBrackets(num('1'), op('−'), growth(group(op('−'), id('h')))),
    id('D'),
  ],
};

/** One step of each sampler, from t to the next timestep s; one left out does not compile. */
export const samplerEquations: Readonly<Record<SamplerName, Equation>> = {
  ddpm: {
    spoken:
      'x s equals root alpha bar s times beta t over one minus alpha bar t times x zero hat, plus root alpha t times one minus alpha bar s over one minus alpha bar t times x t, plus sigma t z',
    parts: [
      x(s),
      op('='),
      over(group(signal(s), sub(id('β'), t)), group(num('1'), op('−'), barAlpha(t))),
      hatX0,
      op('+'),
      over(
        group(root(sub(id('α'), t)), inBrackets(num('1'), op('−'), barAlpha(s))),
        group(num('1'), op('−'), barAlpha(t)),
      ),
      x(t),
      op('+'),
      sub(id('σ'), t),
      id('z'),
    ],
  },
  ddim: {
    spoken: 'x s equals root alpha bar s times x zero hat plus root one minus alpha bar s times epsilon hat',
    parts: [x(s), op('='), signal(s), hatX0, op('+'), sigma(s), hatEpsilon(t)],
  },
  'dpm-solver++': exponential,
  'dpm-solver++-sde': {
    spoken:
      'x s equals root one minus alpha bar s over root one minus alpha bar t times e to the minus h times x t, plus root alpha bar s times one minus e to the minus two h times D, plus noise',
    parts: [
      x(s),
      op('='),
      onX(sigma(t)),
      growth(group(op('−'), id('h'))),
      x(t),
      op('+'),
      signal(s),
      inBrackets(num('1'), op('−'), growth(group(op('−'), num('2'), id('h')))),
      id('D'),
      op('+'),
      sub(id('σ'), s),
      id('z'),
    ],
  },
  heun: {
    spoken:
      'x s over root alpha bar s equals x t over root alpha bar t plus r s minus r t times the mean of epsilon hat t and epsilon hat s',
    parts: [
      over(x(s), signal(s)),
      op('='),
      over(x(t), signal(t)),
      op('+'),
      inBrackets(sub(id('r'), s), op('−'), sub(id('r'), t)),
      meanOf(hatEpsilon(t), op('+'), hatEpsilon(s)),
    ],
  },
  unipc: exponential,
  'flow-euler': {
    spoken: 'z s equals z t plus tau s minus tau t times u hat t',
    parts: [z(s), op('='), z(t), op('+'), inBrackets(time(s), op('−'), time(t)), hatU(t)],
  },
  'flow-heun': {
    spoken: 'z s equals z t plus tau s minus tau t times the mean of u hat t and u hat s',
    parts: [z(s), op('='), z(t), op('+'), inBrackets(time(s), op('−'), time(t)), meanOf(hatU(t), op('+'), hatU(s))],
  },
};

const norms: Readonly<Record<TrainConfig['loss'], readonly [before: string, after: string, spoken: string]>> = {
  l1: [op('‖'), sub(op('‖'), num('1')), 'absolute'],
  l2: [op('‖'), `<msubsup>${op('‖')}${num('2')}${num('2')}</msubsup>`, 'squared'],
  huber: [`${id('H')}${op('(')}`, op(')'), 'Huber'],
};

/** The loss of training, for what the network predicts and how its error counts. */
export function lossEquation(prediction: Prediction, loss: TrainConfig['loss']): Equation {
  const target = prediction === 'x0' ? x0 : symbols[prediction].letter;
  const [before, after, spoken] = norms[loss];
  return {
    spoken: `the loss is the expected ${spoken} difference between ${symbols[prediction].spoken} and the prediction for ${prediction === 'flow' ? 'z' : 'x'} t, t and c`,
    parts: [
      id('L'),
      op('='),
      sub(id('E'), group(x0, op(','), t, op(','), id('ε'))),
      before,
      target,
      op('−'),
      network(prediction, id('c')),
      after,
    ],
  };
}
