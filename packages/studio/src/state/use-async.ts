import { useEffect, useState } from 'preact/hooks';
import { failureOf, type EngineFailure } from '../engine/failure.js';

export interface Async<T> {
  readonly value?: T;
  readonly failure?: EngineFailure;
}

/** What `load` gives, loaded anew when `key` changes. */
export function useAsync<T>(load: () => Promise<T>, key: string): Async<T> {
  const [state, setState] = useState<Async<T>>({});
  useEffect(() => {
    let wanted = true;
    setState({});
    load().then(
      (value) => {
        if (wanted) setState({ value });
      },
      (error: unknown) => {
        if (wanted) setState({ failure: failureOf(error) });
      },
    );
    return () => {
      wanted = false;
    };
    // `load` is made anew at every drawing; `key` says when it is another one.
  }, [key]);
  return state;
}
