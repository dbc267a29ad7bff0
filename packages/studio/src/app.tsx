import type { ComponentType, VNode } from 'preact';
import { Later } from './components/later.js';
import { DeviceStatus } from './components/device-status.js';
import { ThemeSwitch } from './components/theme-switch.js';
import { TrainingStatus } from './components/training-status.js';
import { readAddress, useAddress } from './state/address.js';
import { StudioProvider } from './state/studio-provider.js';
import { TrainingProvider } from './state/training-provider.js';
import { linkTo, rememberView } from './state/view-links.js';
import { useEffect } from 'preact/hooks';

interface View {
  readonly title: string;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
  /** What the footer says; absent: where the model computes. */
  readonly footer?: string;
}

/** Whether `diffusion studio` serves the page: a plain web host has no runs. */
const served = document.documentElement.dataset['server'] === 'yes';

const views: Readonly<Record<string, View>> = {
  sample: { title: 'Sample', load: () => import('./views/sample/sample-view.js') },
  noise: {
    title: 'Noise',
    footer: 'Computed in this browser, by the code that also runs in Node.',
    load: () => import('./views/noise/noise-view.js'),
  },
  guidance: { title: 'Guidance', load: () => import('./views/guidance/guidance-view.js') },
  interpolate: {
    title: 'Interpolate',
    load: () => import('./views/interpolate/interpolate-view.js'),
  },
  draw: { title: 'Draw', load: () => import('./views/draw/draw-view.js') },
  train: {
    title: 'Train',
    footer: 'Training runs in this browser; no image or weight is sent to a server.',
    load: () => import('./views/train/train-view.js'),
  },
  ...(served && {
    runs: {
      title: 'Runs',
      footer: 'Runs are trained and sampled by the server of this page.',
      load: () => import('./views/runs/runs-view.js'),
    },
  }),
};

const FIRST = 'sample';

export function App(): VNode {
  const address = useAddress();
  const name = Object.hasOwn(views, address.view) ? address.view : FIRST;
  const { load, footer } = views[name] as View;
  useEffect(() => {
    if (address.view === name) rememberView(address);
    else showInstead(name);
  });
  return (
    <StudioProvider>
      <TrainingProvider>
        <a class="skip" href="#content" onClick={focusContent}>
          Skip to the content
        </a>
        <header class="bar">
          <a class="brand" href={linkTo(FIRST, address)}>
            <img src="./icon.svg" alt="" width="24" height="24" /> ts-diffusion
          </a>
          <nav class="views" aria-label="Views">
            {Object.entries(views).map(([each, { title }]) => (
              <a
                key={each}
                href={linkTo(each, address)}
                aria-current={each === name ? 'page' : undefined}
                ref={each === name ? scrollIntoView : null}
              >
                {title}
              </a>
            ))}
          </nav>
          <span class="spacer" />
          <TrainingStatus />
          <ThemeSwitch />
        </header>
        <main id="content" tabIndex={-1}>
          <Later load={load} />
        </main>
        <footer>{footer ?? <DeviceStatus />}</footer>
      </TrainingProvider>
    </StudioProvider>
  );
}

/** The address names the view that is shown, also where it named none. */
function showInstead(view: string): void {
  const query = readAddress().parameters.toString();
  history.replaceState(null, '', `#/${view}${query === '' ? '' : `?${query}`}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
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
