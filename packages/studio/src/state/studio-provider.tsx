import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ManifestEntry, ModelManifest } from 'ts-diffusion';
import type { LoadProgress } from 'ts-diffusion/worker';
import shippedModels from 'ts-diffusion/models/manifest.json';
import { Engine } from '../engine/engine.js';
import { EngineFailure, failureOf } from '../engine/failure.js';
import type { DeviceName, EngineInfo, Setup } from '../engine/tasks.js';
import { choiceIn, useAddress } from './address.js';
import { fileOf, ownId, type OwnModel } from './own-models.js';
import { downloadRuntime } from './runtime-download.js';
import { StudioContext, type Studio } from './studio.js';

const engine = new Engine();
const shipped = (shippedModels as ModelManifest).models;
const devices: readonly DeviceName[] = ['auto', 'wasm', 'webgpu'];

interface Opened {
  /** What was opened. */
  readonly setup: Setup;
  readonly info?: EngineInfo;
  readonly failure?: EngineFailure;
}

const noBytes: LoadProgress = { loaded: 0, total: 0 };

/** Loads the model that the address names and keeps it for the views inside. */
export function StudioProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const address = useAddress();
  const [own, setOwn] = useState<readonly OwnModel[]>([]);
  const [opened, setOpened] = useState<Opened>();
  const [attempt, setAttempt] = useState(0);
  const [ofModel, setOfModel] = useState(noBytes);
  const [ofRuntime, setOfRuntime] = useState(noBytes);

  const device = choiceIn(address, 'device', devices);
  const asked = address.parameters.get('model');
  const models = useMemo(() => [...shipped, ...own.map(({ entry }) => entry)], [own]);
  const found = asked === null ? models[0] : models.find(({ id }) => id === asked);
  const setup = useMemo(
    () => found && setupOf(found, device, own.find(({ entry }) => entry === found)?.bytes),
    [found, own, device],
  );
  const unknown = useMemo(
    () => (asked === null || found !== undefined ? undefined : new EngineFailure('model-unknown', unknownModel(asked))),
    [asked, found],
  );

  useEffect(() => {
    downloadRuntime(setOfRuntime);
  }, []);

  useEffect(() => {
    if (setup === undefined) return;
    let wanted = true;
    setOpened(undefined);
    setOfModel(noBytes);
    const onProgress = (progress: LoadProgress): void => {
      if (wanted) setOfModel(progress);
    };
    engine.open(setup, onProgress).then(
      (info) => {
        if (wanted) setOpened({ setup, info });
      },
      (error: unknown) => {
        if (wanted) setOpened({ setup, failure: failureOf(error) });
      },
    );
    return () => {
      wanted = false;
    };
  }, [setup, attempt]);

  const { info, failure = unknown } = opened?.setup === setup ? (opened ?? {}) : {};
  const loaded = ofModel.loaded + ofRuntime.loaded;
  const total = ofModel.total + ofRuntime.total;
  const studio: Studio = {
    engine,
    models,
    model: found ?? { ...nothing, ...(unknown && { id: asked ?? '', title: 'Not loaded' }) },
    prediction: info?.prediction ?? 'epsilon',
    setup: setup ?? { device, model: { id: '', title: '' } },
    ...(info === undefined ? {} : { info }),
    ...(failure === undefined ? {} : { failure }),
    ...(info === undefined && failure === undefined && total > 0 ? { download: { loaded, total } } : {}),
    retry: () => {
      setAttempt(attempt + 1);
    },
    openModel: async (title, bytes) => {
      const id = ownId(title, bytes);
      const entry = { ...nothing, id, title };
      await engine.open(setupOf(entry, device, bytes));
      setOwn((before) => [...before.filter((each) => each.entry.id !== id), { entry, bytes }]);
      return id;
    },
  };
  return <StudioContext.Provider value={studio}>{children}</StudioContext.Provider>;
}

function unknownModel(id: string): string {
  const file = fileOf(id);
  return file === undefined
    ? `There is no model called ${id} here.`
    : `The model comes from the file ${file}, which is not open in this visit.`;
}

const nothing: ManifestEntry = {
  id: '',
  file: '',
  title: 'No model',
  description: '',
  defaults: { sampler: 'ddpm', samplingSteps: 25, spacing: 'even', guidanceWeight: 1 },
};

const setupOf = ({ id, title }: ManifestEntry, device: DeviceName, bytes: Uint8Array | undefined): Setup => ({
  device,
  model: { id, title, ...(bytes && { bytes }) },
});
