import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { serve } from './flaky-server.js';

/** A repository at one commit. */
export interface HubRepository {
  readonly kind: 'dataset' | 'model';
  readonly name: string;
  readonly commit: string;
  /** By path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Only for those who send this token. */
  readonly token?: string;
  /** May be seen but not read: its conditions are not accepted. */
  readonly gated?: boolean;
}

/** What was asked of one of the two servers. */
export interface HubRequest {
  readonly server: 'hub' | 'storage';
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** A commit that was uploaded. */
export interface Upload {
  readonly summary: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Entries a page of a repository's tree. */
const PAGE = 3;

/**
 * A local server that speaks the Hub's API, and another where its large files are, as at the Hub: information on a revision, the tree
 * in pages, files (redirects to the storage for large ones), creating repositories, and commits by `preupload`, LFS and `commit`.
 */
export class HubServer {
  readonly requests: HubRequest[] = [];
  readonly repositories: HubRepository[] = [];
  readonly created: object[] = [];
  readonly uploads: Upload[] = [];
  /** What is answered instead, where this returns true. */
  fault: (request: IncomingMessage, response: ServerResponse, path: string) => boolean = () => false;
  readonly #stored = new Map<string, Uint8Array>();
  readonly #hub: Server;
  readonly #storage: Server;

  constructor() {
    this.#hub = this.#server('hub', (request, response, path) => this.#answer(request, response, path));
    this.#storage = this.#server('storage', (request, response, path) => this.#store(request, response, path));
  }

  /** @returns the address, for HF_ENDPOINT */
  async start(): Promise<string> {
    for (const server of [this.#hub, this.#storage]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return address(this.#hub);
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #server(
    name: HubRequest['server'],
    answer: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void> | void,
  ): Server {
    return createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      const { authorization, range } = request.headers;
      this.requests.push({ server: name, method: request.method ?? '', path, authorization, range });
      if (!this.fault(request, response, path)) void answer(request, response, path);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method === 'POST') {
      await this.#post(request, response, path);
      return;
    }
    const asked = /^(?:\/api)?\/(?:(datasets|models)\/)?([^/]+\/[^/?]+)(?:\/(revision|tree|resolve)\/([^?]+))?/.exec(
      path,
    );
    const [, kind = 'models', name = '', what, rest = ''] = asked ?? [];
    const repository = this.repositories.find((each) => each.name === name && `${each.kind}s` === kind);
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (repository === undefined || (repository.token !== undefined && token !== repository.token)) {
      const [status, error] =
        token === undefined ? [401, 'Invalid username or password.'] : [404, 'Repository not found'];
      json(response, status, { error });
      return;
    }
    const { commit, files } = repository;
    if (what === undefined) {
      json(response, 200, { id: name, likes: 0 });
      return;
    }
    const revision = [commit, 'main', 'refs/convert/parquet'].find(
      (each) => rest === each || rest.startsWith(`${each}/`),
    );
    if (revision === undefined) json(response, 404, { error: `Invalid rev id: ${rest}` });
    else if (what === 'revision') {
      const likes = {
        downloads: 0,
        likes: 0,
        gated: repository.gated === true,
        lastModified: '2024-01-01T00:00:00.000Z',
      };
      json(response, 200, { _id: '1', id: name, private: false, ...likes, sha: commit });
    } else if (what === 'tree') this.#tree(response, path, files);
    else if (repository.gated === true) json(response, 403, { error: 'Access to this repository is restricted' });
    else this.#resolve(request, response, files[rest.slice(revision.length + 1)]);
  }

  #tree(response: ServerResponse, path: string, files: HubRepository['files']): void {
    const from = Number(/cursor=(\d+)/.exec(path)?.[1] ?? 0);
    const folders = new Set(
      Object.keys(files).flatMap((file) => (file.includes('/') ? [file.replace(/\/[^/]*$/, '')] : [])),
    );
    const entries = [
      ...[...folders].map((folder) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path: folder })),
      ...Object.entries(files).map(([name, content]) => treeEntry(name, content)),
    ];
    const next = from + PAGE;
    const more = `${address(this.#hub)}${path.replace(/[&?]cursor=\d+/, '')}&cursor=${next}`;
    json(response, 200, entries.slice(from, next), next < entries.length ? { link: `<${more}>; rel="next"` } : {});
  }

  #resolve(request: IncomingMessage, response: ServerResponse, content: Uint8Array | undefined): void {
    if (content === undefined) {
      json(response, 404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' });
      return;
    }
    const digest = sha256(content);
    if (!isLarge(content)) {
      serve(request, response, content, `"${digest}"`);
      return;
    }
    this.#stored.set(digest, content);
    const location = `${address(this.#storage)}/${digest}?signature=${this.requests.length}`;
    response.writeHead(302, { location, 'x-linked-etag': `"${digest}"`, 'x-linked-size': content.length }).end();
  }

  async #store(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const digest = /^\/(\w+)/.exec(path)?.[1] ?? '';
    if (request.method === 'PUT') {
      const content = await buffer(request);
      if (sha256(content) === digest) this.#stored.set(digest, content);
      response.writeHead(sha256(content) === digest ? 200 : 400).end();
      return;
    }
    const content = this.#stored.get(digest);
    if (content === undefined) response.writeHead(404).end();
    else serve(request, response, content, `"${digest}"`);
  }

  async #post(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body = (await buffer(request)).toString();
    if (!/^Bearer hf_write/.test(request.headers.authorization ?? '')) {
      json(response, 403, { error: 'You need write access' });
    } else if (path === '/api/repos/create') {
      const wanted = JSON.parse(body) as { name: string; organization: string };
      const id = `${wanted.organization}/${wanted.name}`;
      if (this.repositories.some(({ name }) => name === id)) {
        json(response, 409, { error: 'You already created this model repo', url: `${address(this.#hub)}/${id}` });
        return;
      }
      this.created.push(wanted);
      json(response, 200, { url: `${address(this.#hub)}/${id}`, name: id, id });
    } else if (path.includes('/preupload/')) {
      const { files } = JSON.parse(body) as { files: { path: string; size: number }[] };
      json(response, 200, {
        files: files.map(({ path: name, size }) => ({ path: name, uploadMode: size >= LARGE ? 'lfs' : 'regular' })),
      });
    } else if (path.endsWith('/info/lfs/objects/batch')) {
      const { objects } = JSON.parse(body) as { objects: { oid: string; size: number }[] };
      const actions = (oid: string) => ({ upload: { href: `${address(this.#storage)}/${oid}` } });
      json(response, 200, {
        transfer: 'basic',
        objects: objects.map(({ oid, size }) => ({ oid, size, actions: actions(oid) })),
      });
    } else if (path.includes('/commit/')) this.#commit(response, body);
    else json(response, 404, { error: 'Not found' });
  }

  #commit(response: ServerResponse, body: string): void {
    const files: Record<string, Uint8Array> = {};
    let summary = '';
    for (const line of body.split('\n')) {
      const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> };
      if (key === 'header') summary = value['summary'] ?? '';
      else if (key === 'lfsFile')
        files[value['path'] as string] = this.#stored.get(value['oid'] as string) as Uint8Array;
      else files[value['path'] as string] = Buffer.from(value['content'] as string, 'base64');
    }
    this.uploads.push({ summary, files });
    const commitOid = String(this.uploads.length).repeat(40);
    json(response, 200, { commitOid, commitUrl: `${address(this.#hub)}/commit/${commitOid}`, hookOutput: '' });
  }
}

/** What the Hub keeps in LFS; there it is decided by the name and 10 MB. */
const LARGE = 1000;
const isLarge = (content: Uint8Array): boolean => content.length >= LARGE;

function treeEntry(path: string, content: Uint8Array) {
  const size = content.length;
  const blob = createHash('sha1').update(`blob ${size}\0`).update(content).digest('hex');
  if (!isLarge(content)) return { type: 'file', oid: blob, size, path };
  const lfs = { oid: sha256(content), size, pointerSize: 130 };
  return { type: 'file', oid: 'f'.repeat(40), size, lfs, path };
}

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

const address = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
