import type { FastifyInstance } from 'fastify';
import { RequestError } from './errors.js';

/** No request of the page is nested deeper than a configuration in a request: what recurses over the body stays shallow. */
const DEEPEST = 16;

/** Parses JSON bodies as Fastify does, but for those nested deeper than any request is: 400. */
export function parseShallowJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (depthOf(String(body)) > DEEPEST) {
      done(new RequestError(400, `The request body is nested too deeply; at most ${DEEPEST} levels are allowed.`));
      return;
    }
    void parse(request, String(body), done);
  });
}

/** The deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === '\\') i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}
