import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { EngineClient } from '../engine/client.js';
import { EngineFailure, failureOf } from '../engine/failure.js';
import type { ManifestEntry, ModelManifest } from '../engine/manifest.js';
import type { DeviceChoice, EngineInfo, ModelReference, Setup } from '../engine/protocol.js';
import { choiceIn, useAddress } from './address.js';
import { pageUrl, StudioContext, type Studio } from './studio.js';

const client = new EngineClient();
const noManifest: ModelManifest = { models: [] };
const devices: readonly DeviceChoice[] = ['auto', 'wasm', 'webgpu'];

interface OwnModel {
  readonly shipped: ManifestEntry;
  readonly bytes: Uint8Array;
}

/** Loads the model that the address names and keeps it for the views inside. */
export function StudioProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const address = useAddress();
  const [manifest, setManifest] = useState<ModelManifest>();
  const [own, setOwn] = useState<OwnModel>();
  const [opened, setOpened] = useState<{ info?: EngineInfo; failure?: EngineFailure }>({});
  const [attempt, setAttempt] = useState(0);

  const device = choiceIn(address, 'device', devices);
  const asked = address.parameters.get('model');
  const ownAsked = own?.shipped.id === asked ? own : undefined;
  const model = ownAsked?.shipped ?? manifest?.models.find(({ id }) => id === asked) ?? manifest?.models[0];
  const setup = useMemo<Setup | undefined>(
    () => model && { device, model: referenceTo(model, ownAsked), evaluatorUrl: pageUrl('models/evaluator.safetensors') },
    [model, ownAsked, device],
  );

  useEffect(() => {
    loadManifest().then(setManifest, (error: unknown) => {
      setOpened({ failure: failureOf(error) });
    });
  }, [attempt]);

  useEffect(() => {
    if (setup === undefined) return;
    setOpened({});
    client.run('open', setup).then(
      (info) => {
        setOpened({ info });
      },
      (error: unknown) => {
        setOpened({ failure: failureOf(error) });
      },
    );
  }, [setup, attempt]);

  const studio: Studio = {
    client,
    manifest: manifest ?? noManifest,
    model: model ?? nothing,
    setup: setup ?? { device, model: { id: '' } },
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

async function loadManifest(): Promise<ModelManifest> {
  const response = await fetch(pageUrl('models/manifest.json'));
  if (!response.ok)
    throw new EngineFailure('model-missing', `models/manifest.json: the server answers ${response.status}`);
  return (await response.json()) as ModelManifest;
}

function referenceTo({ id, file }: ManifestEntry, own: OwnModel | undefined): ModelReference {
  return own === undefined ? { id, url: pageUrl(`models/${file}`) } : { id, bytes: own.bytes };
}
