import * as element from 'ts-diffusion/element';
import * as worker from 'ts-diffusion/worker';

/** What the tests call inside the page. */
globalThis.library = { element, worker };

/** Every event of an element, in order. */
globalThis.told = [];
for (const type of ['progress', 'load', 'error']) {
  // Not at the window, which no event named load reaches.
  document.addEventListener(
    type,
    ({ target, detail }) => {
      if (target?.localName === 'diffusion-image')
        told.push({ id: target.id, type, detail: detail?.message ?? detail });
    },
    true,
  );
}
