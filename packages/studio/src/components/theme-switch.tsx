import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Theme = 'auto' | 'light' | 'dark';

const KEY = 'theme';
const next: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const symbols: Readonly<Record<Theme, string>> = { auto: '◐', light: '○', dark: '●' };

/** Light, dark, or as the system has it. */
export function ThemeSwitch(): VNode {
  const [theme, setTheme] = useState<Theme>(() => (localStorage.getItem(KEY) as Theme | null) ?? 'auto');
  useEffect(() => {
    localStorage.setItem(KEY, theme);
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={`Colours: ${theme}. Change to ${next[theme]}.`}
      onClick={() => {
        setTheme(next[theme]);
      }}
    >
      <span aria-hidden="true">{symbols[theme]}</span> {theme}
    </button>
  );
}
