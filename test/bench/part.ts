import type { Row } from './row.ts';

export interface Bench {
  quick: boolean;
  /** Folder of the PHP workers (scripts.ts). */
  scripts: string;
  progress: (text: string) => void;
}

export interface Part {
  /** For --only. */
  name: string;
  about: string;
  run: (bench: Bench) => Promise<Row[]>;
}
