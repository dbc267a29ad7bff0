import type { ComponentType, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

interface LaterProps {
  /** The component as the default export of a module of its own. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

/** A component that is loaded when it is first shown. */
export function Later({ load }: LaterProps): VNode {
  const [loaded, setLoaded] = useState<{ readonly of: LaterProps['load']; readonly content: ComponentType }>();
  const [trouble, setTrouble] = useState(false);
  useEffect(() => {
    let wanted = true;
    setTrouble(false);
    load().then(
      ({ default: content }) => {
        if (wanted) setLoaded({ of: load, content });
      },
      () => {
        if (wanted) setTrouble(true);
      },
    );
    return () => {
      wanted = false;
    };
  }, [load]);
  if (trouble) {
    return (
      <p class="notice failure" role="alert">
        This part of the page could not be loaded. Check the connection, then load the page again.
      </p>
    );
  }
  if (loaded?.of !== load) return <p class="status">Loading.</p>;
  const Content = loaded.content;
  return <Content />;
}
