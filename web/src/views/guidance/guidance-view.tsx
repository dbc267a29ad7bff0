import type { VNode } from 'preact';
export default function View(): VNode {
  return <h1>guidance</h1>;
}
