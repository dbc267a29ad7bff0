import { NULL_LABEL } from '../diffusion/denoiser.js';
import type { LoadProgress } from '../pipeline/model-source.js';
import type { SampleOptions } from '../pipeline/sample-options.js';
import { ConfigError } from '../utils/errors.js';
import { toBytes } from '../utils/pixel-range.js';
import { toRgba } from '../utils/rgba.js';
import { SharedPipelines, type Lease, type SharedOptions } from './shared-pipelines.js';

/** What a `progress` event tells: bytes of the model, or steps of the drawing. */
export type DiffusionImageProgress =
  | ({ readonly phase: 'loading' } & LoadProgress)
  | { readonly phase: 'drawing'; readonly step: number; readonly steps: number };

const DEFAULT_MODEL = 'modern';

const STYLE = `
  :host { display: inline-block; position: relative; width: 14rem; aspect-ratio: 1; contain: content; }
  :host([hidden]) { display: none; }
  canvas { display: block; width: 100%; height: 100%; image-rendering: pixelated; background: #000; }
  progress { position: absolute; inset: auto 0 0; width: 100%; height: 0.25rem; }
  p { position: absolute; inset: 0; margin: 0; padding: 0.5rem; overflow: auto; font: 0.8rem sans-serif; color: #fff; background: #7a1f1f; }
  [hidden] { display: none; }
`;

/** An element needs a document: in Node, where pages are rendered beforehand, say, the module can be imported all the same. */
const BaseElement =
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- it stands for a class that only a browser has
  (globalThis as { HTMLElement?: typeof HTMLElement }).HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * `<diffusion-image>`: an image that a diffusion model draws in the page, for people who write HTML.
 *
 *     <script type="module" src="ts-diffusion/element"></script>
 *     <diffusion-image label="3" seed="1"></diffusion-image>
 *
 * Attributes, all optional; a change of one draws anew in place of what is being drawn:
 * - `model`: name of a model of the package or address of a checkpoint or exported model; default `modern`
 * - `label`: the class, 0..classes-1; default an image without a class
 * - `seed`: which image, 0..2^53-1; default 0
 * - `omega`: guidance weight, `steps`: timesteps visited; default: those of the model
 * - `alt`: what to read out; default a sentence with the class
 *
 * Events, which do not bubble: `progress` (`detail`: `DiffusionImageProgress`), `load` once the image is drawn, `error` (`detail`:
 * the error; its message is shown in the element). It is as large as CSS says, 14rem square by default; its parts are `canvas`,
 * `progress` and `error`. All elements of a page compute in one worker, which ends when none is left in the document.
 */
export class DiffusionImage extends BaseElement {
  /** The attributes that draw anew. */
  static readonly observedAttributes = ['model', 'label', 'seed', 'omega', 'steps', 'alt'];

  /** How all elements of the page load their models, read with the first: where the worker, the models and WebAssembly are. */
  static options: SharedOptions = {};

  static readonly #pipelines = new SharedPipelines(() => DiffusionImage.options);

  readonly #canvas: HTMLCanvasElement;
  readonly #bar: HTMLProgressElement;
  readonly #error: HTMLElement;
  #drawing: AbortController | undefined;
  #lease: Lease | undefined;
  #scheduled = false;

  /** Made by the document. */
  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const part = <Name extends keyof HTMLElementTagNameMap>(tag: Name, name: string): HTMLElementTagNameMap[Name] => {
      const element = document.createElement(tag);
      element.setAttribute('part', name);
      return element;
    };
    const style = document.createElement('style');
    style.textContent = STYLE;
    this.#canvas = part('canvas', 'canvas');
    this.#canvas.width = this.#canvas.height = 1;
    this.#canvas.setAttribute('role', 'img');
    this.#bar = part('progress', 'progress');
    this.#bar.hidden = true;
    this.#error = part('p', 'error');
    this.#error.setAttribute('role', 'alert');
    this.#error.hidden = true;
    root.append(style, this.#canvas, this.#bar, this.#error);
  }

  /** By the document: draws. */
  connectedCallback(): void {
    this.#schedule();
  }

  /** By the document: draws anew. */
  attributeChangedCallback(name: string): void {
    if (name === 'alt') this.#describe();
    else this.#schedule();
  }

  /** By the document: stops, and gives memory back unless the element has only been moved. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#drawing?.abort();
      this.#lease?.release();
      this.#lease = undefined;
    });
  }

  /** Several attributes that change together are one drawing. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.isConnected) void this.#draw();
    });
  }

  async #draw(): Promise<void> {
    this.#drawing?.abort();
    const drawing = new AbortController();
    const { signal } = drawing;
    this.#drawing = drawing;
    this.#error.hidden = true;
    this.#show(undefined);
    try {
      const options = this.#options();
      this.#describe();
      const model = this.getAttribute('model') ?? DEFAULT_MODEL;
      const before = this.#lease;
      this.#lease = DiffusionImage.#pipelines.lease(model, (progress) => {
        if (!signal.aborted) this.#tell({ phase: 'loading', ...progress });
      });
      // Only now: where the two are the same model, it stays.
      before?.release();
      const pipeline = await this.#lease.pipeline;
      signal.throwIfAborted();
      const { imageSize } = pipeline.info.model;
      const { images } = await pipeline.generate(options, {
        signal,
        onState: ({ step, steps, x }) => {
          this.#paint(toBytes(x), imageSize);
          this.#tell({ phase: 'drawing', step, steps });
        },
      });
      this.#paint(images, imageSize);
      this.#bar.hidden = true;
      this.dispatchEvent(new Event('load'));
    } catch (error) {
      if (signal.aborted) return;
      this.#bar.hidden = true;
      this.#error.textContent = error instanceof Error ? error.message : String(error);
      this.#error.hidden = false;
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
  }

  /** @throws ConfigError for an attribute that is no number */
  #options(): SampleOptions {
    const [label, omega, steps] = [this.#number('label'), this.#number('omega'), this.#number('steps')];
    return {
      labels: [label ?? NULL_LABEL],
      seed: this.#number('seed') ?? 0,
      ...(omega !== undefined && { guidanceWeight: omega }),
      ...(steps !== undefined && { samplingSteps: steps }),
    };
  }

  #number(name: string): number | undefined {
    const text = this.getAttribute(name);
    if (text === null || text.trim() === '') return undefined;
    const value = Number(text);
    if (!Number.isNaN(value)) return value;
    throw new ConfigError(`The attribute ${name} of diffusion-image is "${text}"; expected a number.`);
  }

  #describe(): void {
    const label = this.getAttribute('label');
    const what = label === null || label === '' ? 'An image' : `An image of class ${label}`;
    this.#canvas.setAttribute('aria-label', this.getAttribute('alt') ?? `${what}, drawn by a diffusion model`);
  }

  #tell(progress: DiffusionImageProgress): void {
    this.#show(progress);
    this.dispatchEvent(new CustomEvent('progress', { detail: progress }));
  }

  /** @param progress undefined: it has begun */
  #show(progress: DiffusionImageProgress | undefined): void {
    this.#bar.hidden = false;
    this.#bar.setAttribute('aria-label', progress?.phase === 'drawing' ? 'Drawing' : 'Loading the model');
    if (progress === undefined) {
      this.#bar.removeAttribute('value');
      return;
    }
    const [done, all] =
      progress.phase === 'drawing' ? [progress.step, progress.steps] : [progress.loaded, progress.total];
    this.#bar.max = all;
    this.#bar.value = done;
  }

  /** @param pixels [C, H, W], 0..255 */
  #paint(pixels: Uint8Array, side: number): void {
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side;
    const image = new ImageData(toRgba(pixels, side * side), side);
    this.#canvas.getContext('2d')?.putImageData(image, 0, 0);
  }
}

/**
 * Registers `<diffusion-image>`, which importing `ts-diffusion/element` does; again, or under another name, it does no harm.
 *
 * @param name of the element, with a hyphen in it
 */
export function defineDiffusionImage(name = 'diffusion-image'): void {
  const { customElements: registry } = globalThis as { customElements?: CustomElementRegistry };
  if (registry === undefined || registry.get(name) !== undefined) return;
  registry.define(name, name === 'diffusion-image' ? DiffusionImage : class extends DiffusionImage {});
}
