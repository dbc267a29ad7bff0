export type { ManifestEntry, ModelManifest } from 'ts-diffusion';
