import { render } from 'preact';
import { App } from './app.js';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/parts.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
