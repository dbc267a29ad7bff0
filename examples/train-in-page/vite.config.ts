import { defineConfig } from 'vite';

// The worker is a module that imports others.
export default defineConfig({ worker: { format: 'es' } });
