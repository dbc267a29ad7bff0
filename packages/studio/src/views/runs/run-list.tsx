import type { VNode } from 'preact';
import type { RunSummary } from '../../../../cli/src/studio/api.js';
import { setParameters } from '../../state/address.js';

interface RunListProps {
  readonly runs: readonly RunSummary[];
  readonly selected: string | undefined;
  readonly compared: readonly string[];
}

/** Every run with how far it is; one is looked at, others can be laid over it. */
export function RunList({ runs, selected, compared }: RunListProps): VNode {
  const toggle = (name: string): void => {
    const next = compared.includes(name) ? compared.filter((each) => each !== name) : [...compared, name];
    setParameters({ with: next.length === 0 ? undefined : next.join(',') });
  };
  return (
    <ul class="runs">
      {runs.map(({ name, status, step, steps, loss }) => (
        <li key={name} class={name === selected ? 'selected' : ''}>
          <button
            type="button"
            aria-pressed={name === selected}
            onClick={() => {
              setParameters({ run: name });
            }}
          >
            <span class="row between">
              <strong>{name}</strong>
              <span class={`badge ${status}`}>{status}</span>
            </span>
            <span class="status">
              step {step.toLocaleString('en')} of {steps.toLocaleString('en')}
              {loss === undefined ? '' : `, loss ${loss.toFixed(4)}`}
            </span>
            <span class="progress">
              <span style={{ width: `${steps === 0 ? 0 : Math.min(100, (100 * step) / steps)}%` }} />
            </span>
          </button>
          {name !== selected && (
            <label class="status">
              <input
                type="checkbox"
                checked={compared.includes(name)}
                onChange={() => {
                  toggle(name);
                }}
              />{' '}
              compare<span class="visually-hidden"> {name}</span>
            </label>
          )}
        </li>
      ))}
    </ul>
  );
}
