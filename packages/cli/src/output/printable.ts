/**
 * Everything that a terminal obeys instead of showing it, but for line ends and tabs: control characters, of which ESC begins commands,
 * and those that reverse the direction of writing.
 */
const COMMANDS = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text for the terminal, in which names of files and classes cannot give it commands: they are shown as escapes such as `\x1b`. */
export const printable = (text: string): string =>
  text.replace(COMMANDS, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
