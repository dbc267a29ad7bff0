/**
 * What a thrown value says, in one line. ONNX Runtime puts the source location and the violated condition in front of its
 * sentence, which help nobody who has not its source; both stay in the `cause`.
 */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (
    message
      .replace(/^.*\s(?:was|is) false\.\s*/s, '')
      .replace(/^\S*onnxruntime\S*:\d+ .*?\) /s, '')
      .replaceAll(/\s+/g, ' ')
      .trim() || 'no message'
  );
}
