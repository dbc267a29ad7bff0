/** A command of this program as it is typed into a shell. */
export function commandLine(words: readonly string[]): string {
  const quoted = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)));
  return ['diffusion', ...quoted].join(' ');
}
