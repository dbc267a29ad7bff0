import { expect, test } from 'vitest';
import type { Executor } from '../../src/sweep/running/executor.js';
import { NetworkExecutor } from '../../src/sweep/running/network-executor.js';
import type { Task } from '../../src/sweep/running/task.js';
import { withInputs } from '../../src/store/task-files.js';

test('evaluations elsewhere get the networks that were made here, which a store sends', async () => {
  const ran: string[] = [];
  const inner: Executor = {
    slots: 1,
    run: ({ command }) => {
      ran.push(withInputs(command, (path) => `sent ${path}`).join(' '));
      return Promise.resolve({ type: 'done' });
    },
    close: () => Promise.resolve(),
  };
  const keptNetworks = { evaluator: '/a', featureNetwork: '/b', secondFeatureNetwork: '/c' };
  const executor = new NetworkExecutor(inner, [{ key: 'own', keptNetworks }, { key: 'digits' }]);
  const run = { signal: new AbortController().signal, onProgress: () => undefined };
  const commands: [string, string[]][] = [
    ['own', ['evaluate', '--feature-network', '/other']],
    ['own', ['sample']],
    ['digits', ['evaluate']],
  ];
  for (const [id, command] of commands) {
    const task: Task = { id, name: id, command, output: id, needs: [], work: 1, begun: 0, phase: '' };
    await executor.run(task, run);
  }
  expect(ran).toEqual([
    'evaluate --feature-network sent /other --evaluator sent /a --second-feature-network sent /c',
    'sample',
    'evaluate',
  ]);
});
