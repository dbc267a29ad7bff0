import { z } from 'zod';
import type { WorkerPort } from '../connection.js';
import { draw } from './draw.js';
import { classify, close, open, openClassifier, warmUp } from './models.js';
import { serve } from './serve.js';
import { train } from './train.js';

/** Makes this thread or process the worker of the calls that come in by a port. */
export function beWorker(port: WorkerPort): void {
  // A page with a content security policy has no `eval`, and asking for it is reported as an error.
  z.config({ jitless: true });
  serve(port, { open, warmUp, draw, openClassifier, classify, close, train });
}
