/** A report, apart from how it is written down. Texts may hold `code` between backticks, **strong** words and [links](of the report's folder). */
export interface ReportDocument {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block = Heading | Paragraph | Table | Figure | Code;

export interface Heading {
  readonly kind: 'heading';
  readonly text: string;
}

export interface Paragraph {
  readonly kind: 'paragraph';
  readonly text: string;
}

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether a reader may sort it, in HTML. */
  readonly sortable?: boolean;
  /** The `data-row` of each row: rows, and lines of figures, that have the same are marked together. */
  readonly marks?: readonly number[];
}

/** A picture: vector graphics as text, or the bytes of a PNG. */
export interface Figure {
  readonly kind: 'figure';
  /** Name of its file, without an extension. */
  readonly name: string;
  readonly caption: string;
  readonly picture: { readonly svg: string } | { readonly png: Uint8Array };
}

export interface Code {
  readonly kind: 'code';
  readonly text: string;
}

export const heading = (text: string): Heading => ({ kind: 'heading', text });
export const paragraph = (text: string): Paragraph => ({ kind: 'paragraph', text });
export const code = (text: string): Code => ({ kind: 'code', text });
