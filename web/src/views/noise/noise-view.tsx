import type { VNode } from 'preact';
export default function View(): VNode {
  return <h1>noise</h1>;
}
