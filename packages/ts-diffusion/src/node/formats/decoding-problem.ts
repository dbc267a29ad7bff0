/**
 * Why sharp could not decode a picture, for people.
 *
 * @param pixels the limit that it was given
 */
export function decodingProblem(error: unknown, pixels: number): string {
  const { message } = error as Error;
  if (message.includes('exceeds pixel limit')) return `more than ${pixels} pixels; make the picture smaller`;
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return `damaged or truncated (${lines.at(-1) ?? ''})`;
}
