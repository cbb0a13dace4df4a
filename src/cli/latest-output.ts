/** The newest line that each program printed, for the live view: the ends of its workers' log files, read when they have grown. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 2_048;

export interface LogOfProgram {
  program: string;
  path: string;
}

/** Call it from time to time: it tells of each program whose log has a new last line. */
export const createLatestOutput = (
  logs: () => readonly LogOfProgram[],
  tell: (program: string, line: string) => void,
): (() => void) => {
  const sizes = new Map<string, number>();
  return () => {
    for (const { program, path } of logs()) {
      const line = newLastLine(path, sizes);
      if (line !== null) tell(program, line);
    }
  };
};

const newLastLine = (path: string, sizes: Map<string, number>): string | null => {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    // Nothing was printed yet, or the log is being rotated at this moment.
    return null;
  }
  try {
    const { size } = fstatSync(descriptor);
    // What stood in the file before we came is not news.
    const before = sizes.get(path);
    sizes.set(path, size);
    if (before === undefined || size === before || size === 0) return null;
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, read).trimEnd().split('\n').at(-1) ?? null;
  } finally {
    closeSync(descriptor);
  }
};
