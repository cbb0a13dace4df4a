/** `explain`: the chain of entries behind a worker's present, or behind one entry, as sentences. */
import type { Explanation, JournalEntry } from '../api/types.ts';

/** How many entries of a worker are told, and how many of those that concern every worker (the shim, the broker, logs). */
const CHAIN = 12;
const SHARED = 6;

/** The chain that led to an entry (causes, oldest first) and what it caused in turn. */
export const explainEntry = (all: readonly JournalEntry[], id: string): Explanation | null => {
  const byId = new Map(all.map((entry) => [entry.id, entry]));
  const asked = byId.get(id);
  if (asked === undefined) return null;
  const chain = new Set<JournalEntry>();
  for (let entry: JournalEntry | undefined = asked; entry !== undefined && !chain.has(entry);) {
    chain.add(entry);
    entry = entry.cause === null ? undefined : byId.get(entry.cause);
  }
  const caused = all.filter((entry) => entry.cause === id);
  const entries = [...[...chain].toReversed(), ...caused];
  return { name: id, text: tell(entries), entries };
};

/** @param present what it is and holds now, as sentences */
export const explainWorker = (all: readonly JournalEntry[], name: string, present: string): Explanation => {
  const own = all.filter((entry) => entry.worker === name).slice(-CHAIN);
  const told = new Set([...own, ...all.filter((entry) => entry.worker === null).slice(-SHARED)]);
  const entries = all.filter((entry) => told.has(entry));
  const story = own.length === 0 ? 'The journal has nothing about it yet.' : tell(entries);
  return { name, text: `${present}\n${story}`, entries };
};

const tell = (entries: readonly JournalEntry[]): string =>
  entries.map((entry) => `${entry.time} ${sentence(entry)}`).join('\n');

/** The whole sentence of an entry with its outcome. */
export const sentence = (entry: JournalEntry): string =>
  entry.outcome === null ? `${entry.reason.text}.` : `${entry.reason.text}; ${entry.outcome.text}.`;
