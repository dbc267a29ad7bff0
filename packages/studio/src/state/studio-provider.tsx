import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { EngineClient } from '../engine/client.js';
import { EngineFailure, failureOf } from '../engine/failure.js';
import type { PageManifest, ManifestEntry } from '../engine/manifest.js';
import type { Prediction } from '../components/equations.js';
import type { DeviceChoice, DownloadProgress, EngineInfo, Setup } from '../engine/protocol.js';
import { choiceIn, useAddress } from './address.js';
import { fileOf, ownId, type OwnModel } from './own-models.js';
import { downloadRuntime } from './runtime-download.js';
import { pageUrl, StudioContext, type Studio } from './studio.js';

const client = new EngineClient();
const noManifest: PageManifest = { models: [] };
const devices: readonly DeviceChoice[] = ['auto', 'wasm', 'webgpu'];

interface Opened {
  /** What was opened. */
  readonly setup: Setup;
  readonly info?: EngineInfo;
  readonly failure?: EngineFailure;
}

const noBytes: DownloadProgress = { loaded: 0, total: 0 };

/** Loads the model that the address names and keeps it for the views inside. */
export function StudioProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const address = useAddress();
  const [manifest, setManifest] = useState<PageManifest>();
  const [missing, setMissing] = useState<EngineFailure>();
  const [own, setOwn] = useState<readonly OwnModel[]>([]);
  const [opened, setOpened] = useState<Opened>();
  const [attempt, setAttempt] = useState(0);
  const [ofModel, setOfModel] = useState(noBytes);
  const [ofRuntime, setOfRuntime] = useState(noBytes);

  const device = choiceIn(address, 'device', devices);
  const asked = address.parameters.get('model');
  const models = useMemo(() => [...(manifest?.models ?? []), ...own.map(({ entry }) => entry)], [manifest, own]);
  const found = asked === null ? models[0] : models.find(({ id }) => id === asked);
  const setup = useMemo(
    () => found && setupOf(found, { device, manifest, bytes: own.find(({ entry }) => entry === found)?.bytes }),
    [found, own, device, manifest],
  );
  const unknown = useMemo(() => {
    if (manifest === undefined || asked === null || found !== undefined) return undefined;
    return new EngineFailure('model-unknown', unknownModel(asked));
  }, [manifest, asked, found]);

  useEffect(() => {
    loadManifest().then(setManifest, (error: unknown) => {
      setMissing(failureOf(error));
    });
    downloadRuntime(setOfRuntime);
  }, [attempt]);

  useEffect(() => {
    if (setup === undefined) return;
    setOpened(undefined);
    setOfModel(noBytes);
    client.run('open', setup, { onProgress: setOfModel }).then(
      (info) => {
        setOpened({ setup, info });
      },
      (error: unknown) => {
        setOpened({ setup, failure: failureOf(error) });
      },
    );
  }, [setup, attempt]);

  const { info, failure = unknown ?? missing } = opened?.setup === setup ? (opened ?? {}) : {};
  const loaded = ofModel.loaded + ofRuntime.loaded;
  const total = ofModel.total + ofRuntime.total;
  const studio: Studio = {
    client,
    manifest: manifest ?? noManifest,
    models,
    model: found ?? { ...nothing, ...(unknown && { id: asked ?? '', title: 'Not loaded' }) },
    prediction: (info?.prediction as Prediction | undefined) ?? 'epsilon',
    setup: setup ?? { device, model: { id: '', title: '' } },
    ...(info === undefined ? {} : { info }),
    ...(failure === undefined ? {} : { failure }),
    ...(info === undefined && failure === undefined && total > 0 ? { download: { loaded, total } } : {}),
    retry: () => {
      setMissing(undefined);
      setAttempt(attempt + 1);
    },
    openModel: async (title, bytes) => {
      const id = ownId(title, bytes);
      const entry = { ...nothing, id, title };
      await client.run('open', setupOf(entry, { device, manifest, bytes }));
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
  defaults: { sampler: 'ddpm', steps: 25, spacing: 'even', omega: 1 },
};

async function loadManifest(): Promise<PageManifest> {
  const response = await fetch(pageUrl('models/manifest.json'));
  if (!response.ok)
    throw new EngineFailure('model-missing', `models/manifest.json: the server answers ${response.status}`);
  return (await response.json()) as PageManifest;
}

interface SetupParts {
  readonly device: DeviceChoice;
  readonly manifest: PageManifest | undefined;
  readonly bytes: Uint8Array | undefined;
}

function setupOf({ id, title, file }: ManifestEntry, { device, manifest, bytes }: SetupParts): Setup {
  const evaluatorUrl = manifest?.evaluator && pageUrl(`models/${manifest.evaluator.file}`);
  const source = bytes === undefined ? { url: pageUrl(`models/${file}`) } : { bytes };
  return { device, model: { id, title, ...source }, evaluatorUrl };
}
