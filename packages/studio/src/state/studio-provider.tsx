import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ManifestEntry, ModelManifest } from 'ts-diffusion';
import shippedModels from 'ts-diffusion/models/manifest.json';
import { Engine } from '../engine/engine.js';
import { failureOf, type EngineFailure } from '../engine/failure.js';
import type { DeviceName, EngineInfo, Setup } from '../engine/tasks.js';
import { choiceIn, useAddress } from './address.js';
import { StudioContext, type Studio } from './studio.js';

const engine = new Engine();
const manifest = shippedModels as ModelManifest;
const devices: readonly DeviceName[] = ['auto', 'wasm', 'webgpu'];

interface OwnModel {
  readonly shipped: ManifestEntry;
  readonly bytes: Uint8Array;
}

/** Loads the model that the address names and keeps it for the views inside. */
export function StudioProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const address = useAddress();
  const [own, setOwn] = useState<OwnModel>();
  const [opened, setOpened] = useState<{ info?: EngineInfo; failure?: EngineFailure }>({});
  const [attempt, setAttempt] = useState(0);

  const device = choiceIn(address, 'device', devices);
  const asked = address.parameters.get('model');
  const ownAsked = own?.shipped.id === asked ? own : undefined;
  const model = ownAsked?.shipped ?? manifest.models.find(({ id }) => id === asked) ?? manifest.models[0] ?? nothing;
  const setup = useMemo<Setup>(
    () => ({ device, model: { id: model.id, ...(ownAsked && { bytes: ownAsked.bytes }) } }),
    [model, ownAsked, device],
  );

  useEffect(() => {
    setOpened({});
    engine.open(setup).then(
      (info) => {
        setOpened({ info });
      },
      (error: unknown) => {
        setOpened({ failure: failureOf(error) });
      },
    );
  }, [setup, attempt]);

  const studio: Studio = {
    engine,
    manifest,
    model,
    setup,
    ...opened,
    retry: () => {
      setAttempt(attempt + 1);
    },
    takeModel: (title, bytes) => {
      const id = `own-${Date.now()}`;
      setOwn({ shipped: { ...nothing, id, title }, bytes });
      return id;
    },
  };
  return <StudioContext.Provider value={studio}>{children}</StudioContext.Provider>;
}

const nothing: ManifestEntry = {
  id: '',
  file: '',
  title: 'No model',
  description: '',
  defaults: { sampler: 'ddpm', samplingSteps: 25, spacing: 'even', guidanceWeight: 1 },
};
