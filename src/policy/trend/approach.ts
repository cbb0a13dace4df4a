/** That a ceiling is near: when it is passed, by which figures, and what was seen that says so. */
import type { WindowFigures } from './window.ts';

export type Sign =
  /** Growth, carried on by time. */
  | { kind: 'growth' }
  /** It has leapt so often, by so much (the median); when it leaps again nobody knows. */
  | { kind: 'leaps'; count: number; leapBytes: number }
  /** What each of so many messages left behind, and how many come now. */
  | { kind: 'messages'; count: number; bytesPerMessage: number; perMinute: number };

export interface Approach {
  ms: number;
  figures: WindowFigures;
  sign: Sign;
}
