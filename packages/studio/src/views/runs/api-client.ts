import type { ErrorAnswer, RunDetail } from '../../../../cli/src/studio/api.js';

/** An answer of the server that is not a success, in the server's words. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`./api/${path}`, init);
  } catch {
    throw new ServerError('The server does not answer. Is it still running?');
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({ error: response.statusText }))) as ErrorAnswer;
  throw new ServerError(answer.error);
}

const post = (path: string, body: unknown): Promise<Response> =>
  ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

const of = (run: string): string => `runs/${encodeURIComponent(run)}`;

export const runDetail = async (run: string): Promise<RunDetail> => (await (await ask(of(run))).json()) as RunDetail;

export const startRun = (body: unknown): Promise<Response> => post('runs', body);

export const stopRun = (run: string): Promise<Response> => post(`${of(run)}/stop`, {});

export const resumeRun = (run: string, steps?: number): Promise<Response> => post(`${of(run)}/resume`, { steps });

export const sampleRun = async (run: string, body: unknown): Promise<Blob> =>
  (await post(`${of(run)}/samples`, body)).blob();

export const sampleUrl = (run: string, file: string): string => `./api/${of(run)}/samples/${encodeURIComponent(file)}`;

export const checkpointUrl = (run: string, file: string): string =>
  `./api/${of(run)}/checkpoints/${encodeURIComponent(file)}`;
