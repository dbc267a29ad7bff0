import type { Budget } from './budget.js';

/** The protocols: with all deviations of the authors' published program from the paper's text, or with none. */
export const protocolNames = ['corrected', 'paper'] as const;
export type ProtocolName = (typeof protocolNames)[number];

/** Which questions a study answers. */
export const studyParts = ['table1', 'table2', 'table3', 'quirks', 'full-chain'] as const;
export type StudyPart = (typeof studyParts)[number];

/** What a study is. */
export interface Study {
  readonly budget: Budget;
  readonly protocols: readonly ProtocolName[];
  readonly parts: readonly StudyPart[];
}

/** What the tables vary from cell to cell, besides deviations. */
export interface Setting {
  readonly schedule: string;
  readonly timesteps: number;
  /** The guidance weight. */
  readonly omega: number;
  readonly seed: number;
}

/** The paper's best setting: where every comparison starts. */
export const baseSetting: Setting = { schedule: 'linear', timesteps: 1000, omega: 0.2, seed: 0 };
