/** The end of the journal file, read back at start so that `explain` and `journal` know what an earlier controller did. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { JournalEntry } from '../api/types.ts';

/** How much of the file is worth reading: some thousand entries. */
const TAIL_BYTES = 2 * 1024 * 1024;

/** Entries joined with their outcomes, oldest first; an unreadable file or line is simply not history. */
export const readHistory = (path: string): JournalEntry[] => {
  const entries = new Map<string, JournalEntry>();
  for (const line of tailLines(path)) {
    const parsed = parseLine(line);
    if (parsed === null) continue;
    if ('id' in parsed) {
      entries.set(parsed.id, parsed);
      continue;
    }
    const entry = entries.get(parsed.of);
    if (entry !== undefined) entries.set(parsed.of, { ...entry, outcome: parsed.outcome });
  }
  return [...entries.values()];
};

type Line = JournalEntry | { of: string; outcome: NonNullable<JournalEntry['outcome']> };

const parseLine = (line: string): Line | null => {
  try {
    const value = JSON.parse(line) as Partial<JournalEntry> & { of?: string };
    const isEntry = typeof value.id === 'string' && typeof value.reason?.text === 'string';
    const isOutcome = typeof value.of === 'string' && typeof value.outcome?.text === 'string';
    return isEntry || isOutcome ? (value as Line) : null;
  } catch {
    return null;
  }
};

const tailLines = (path: string): string[] => {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const read = readSync(descriptor, buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8', 0, read).split('\n');
    // The first line is cut unless the file begins there.
    return start === 0 ? lines : lines.slice(1);
  } finally {
    closeSync(descriptor);
  }
};
