/** Of ONNX Runtime: what the graphs are tested with, and what the package asks for as a peer. */
export const ONNX_RUNTIME_VERSION = '1.30.0';

/** Whether an import failed because the package is not installed, in the words of Node, Bun, Deno, browsers and bundlers. */
export function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return String(message).includes(name);
  return /resolve module specifier|bare specifier|Cannot find (package|module)/i.test(String(message));
}
