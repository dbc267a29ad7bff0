import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const LIBRARY = join(ROOT, 'packages/ts-diffusion');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** protobufjs is CommonJS; its browser build leaves itself in a global variable. */
const PROTOBUF_MODULE = `
  import '/node_modules/protobufjs/dist/minimal/protobuf.js';
  export default globalThis.protobuf;
`;

const PAGE = `<!doctype html>
<script type="importmap">
  {
    "imports": {
      "onnxruntime-web/wasm": "/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs",
      "onnxruntime-web/webgpu": "/node_modules/onnxruntime-web/dist/ort.webgpu.bundle.min.mjs",
      "#platform/": "/src/browser/platform/",
      "@noble/hashes/": "/node_modules/@noble/hashes/",
      "zod": "/node_modules/zod/index.js",
      "protobufjs/minimal.js": "/protobuf.js"
    }
  }
</script>
<title>ts-diffusion</title>`;

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves an empty page that can import the modules of `src/` and `test/` under their compiled names, without a bundler.
 * Cross-origin isolated, so that WASM may use threads; without `unsafe-eval`, as a careful site would be.
 */
export async function servePage(): Promise<PageServer> {
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'self' blob:; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
    );
    respond(normalize(new URL(request.url ?? '/', 'http://localhost').pathname), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function respond(path: string, response: ServerResponse): void {
  const send = (contentType: string, body: string): void => {
    response.setHeader('Content-Type', contentType).end(body);
  };
  if (path === '/') {
    send('text/html', PAGE);
    return;
  }
  if (path === '/protobuf.js') {
    send('text/javascript', PROTOBUF_MODULE);
    return;
  }
  const source = join(LIBRARY, path.replace(/\.js$/, '.ts'));
  if (/^\/(src|test)\/.*\.js$/.test(path) && existsSync(source)) {
    const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    send('text/javascript', outputText);
    return;
  }
  const file = join(ROOT, path);
  if (path.startsWith('/node_modules/') && existsSync(file)) {
    response.setHeader('Content-Type', CONTENT_TYPES[extname(path)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
    return;
  }
  response.writeHead(404).end();
}
