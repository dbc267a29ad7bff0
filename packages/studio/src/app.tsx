import type { ComponentType, VNode } from 'preact';
import { Later } from './components/later.js';
import { DeviceStatus } from './components/device-status.js';
import { ThemeSwitch } from './components/theme-switch.js';
import { useAddress } from './state/address.js';
import { StudioProvider } from './state/studio-provider.js';

interface View {
  readonly title: string;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
  /** Needs the model. */
  readonly computes: boolean;
}

/** Whether `diffusion studio` serves the page: a plain web host has no runs. */
const served = document.documentElement.dataset['server'] === 'yes';

const views: Readonly<Record<string, View>> = {
  sample: { title: 'Sample', computes: true, load: () => import('./views/sample/sample-view.js') },
  noise: { title: 'Noise', computes: false, load: () => import('./views/noise/noise-view.js') },
  guidance: { title: 'Guidance', computes: true, load: () => import('./views/guidance/guidance-view.js') },
  interpolate: {
    title: 'Interpolate',
    computes: true,
    load: () => import('./views/interpolate/interpolate-view.js'),
  },
  draw: { title: 'Draw', computes: true, load: () => import('./views/draw/draw-view.js') },
  train: { title: 'Train', computes: true, load: () => import('./views/train/train-view.js') },
  ...(served && { runs: { title: 'Runs', computes: false, load: () => import('./views/runs/runs-view.js') } }),
};

const FIRST = 'sample';

export function App(): VNode {
  const { view: asked } = useAddress();
  const name = Object.hasOwn(views, asked) ? asked : FIRST;
  const { load, computes } = views[name] as View;
  return (
    <StudioProvider>
      <a class="skip" href="#content" onClick={focusContent}>
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={`#/${FIRST}`}>
          <img src="./icon.svg" alt="" width="24" height="24" /> ts-diffusion
        </a>
        <nav class="views" aria-label="Views">
          {Object.entries(views).map(([each, { title }]) => (
            <a
              key={each}
              href={`#/${each}`}
              aria-current={each === name ? 'page' : undefined}
              ref={each === name ? scrollIntoView : null}
            >
              {title}
            </a>
          ))}
        </nav>
        <span class="spacer" />
        <ThemeSwitch />
      </header>
      <main id="content" tabIndex={-1}>
        <Later load={load} />
      </main>
      <footer>
        {computes ? <DeviceStatus /> : 'Everything on this page is computed here, by the code that also runs in Node.'}
      </footer>
    </StudioProvider>
  );
}

/** On a phone the names of the views are wider than the screen. */
function scrollIntoView(link: HTMLElement | null): void {
  link?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

/** A fragment would change the address, which says what is shown. */
function focusContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
