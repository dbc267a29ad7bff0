import { useRef, useState } from 'preact/hooks';
import { type OwnPictures, readOwnPictures } from '../../engine/own-pictures.js';

/** The visitor's pictures, as far as they are chosen and read. */
export interface ChosenPictures {
  /** Height and width that they are resized to. */
  readonly side: number;
  /** Files that are being read. */
  readonly reading: number;
  readonly pictures?: OwnPictures;
  /** Why they cannot be trained on. */
  readonly trouble?: string;
  readonly choose: (files: readonly File[]) => Promise<void>;
  /** Reads those chosen again in another size. */
  readonly resize: (side: number) => Promise<void>;
}

type Outcome = Pick<ChosenPictures, 'pictures' | 'trouble'>;

/** Reads the pictures that are chosen; a newer choice takes the place of one that is still being read. */
export function useOwnPictures(): ChosenPictures {
  const [side, setSide] = useState(32);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [reading, setReading] = useState(0);
  const [outcome, setOutcome] = useState<Outcome>({});
  const stop = useRef(new AbortController());

  const read = async (chosen: readonly File[], size: number): Promise<void> => {
    stop.current.abort();
    const { signal } = (stop.current = new AbortController());
    setFiles(chosen);
    setSide(size);
    setOutcome({});
    setReading(chosen.length);
    if (chosen.length === 0) return;
    const found = await readOwnPictures(chosen, size, signal).then(
      (pictures): Outcome => ({ pictures }),
      (error: unknown): Outcome => ({ trouble: (error as Error).message }),
    );
    if (signal.aborted) return;
    setOutcome(found);
    setReading(0);
  };
  return { side, reading, ...outcome, choose: (chosen) => read(chosen, side), resize: (size) => read(files, size) };
}
