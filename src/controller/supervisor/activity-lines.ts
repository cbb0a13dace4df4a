/** A journal entry → the lines that supervisord writes of the same thing. */
import type { Evidence, JournalEntry } from '../../api/types.ts';
import { sentence } from '../explain.ts';

export interface ActivityLine {
  /** Milliseconds since the epoch. */
  at: number;
  text: string;
}

type Level = 'INFO' | 'WARN';

const WARNINGS: ReadonlySet<JournalEntry['action']> = new Set(['kill', 'warn', 'shimLost', 'poison', 'fatal']);

/**
 * Without an outcome: what the entry adds when it is written; with one: what the outcome adds.
 * @param startMs a program's start.seconds
 */
export const activityLines = (entry: JournalEntry, startMs: (program: string) => number): ActivityLine[] => {
  const { action, outcome } = entry;
  const name = entry.worker ?? '';
  const at = Date.parse(entry.time);
  if (action === 'start') return outcome === null ? [] : startLines(entry, outcome, startMs(entry.program ?? ''));
  if (action === 'exit') return [exitLine(entry, name)];
  if (outcome !== null) return stopLines(outcome, name);
  const said = line(at, WARNINGS.has(action) ? 'WARN' : 'INFO', sentence(entry));
  if (action !== 'fatal') return [said];
  return [line(at, 'INFO', `gave up: ${name} entered FATAL state, too many start retries too quickly`), said];
};

type Outcome = NonNullable<JournalEntry['outcome']>;

/** A start is told once it is known how it went, with the time at which the process came to be. */
const startLines = ({ worker, time }: JournalEntry, outcome: Outcome, startMs: number): ActivityLine[] => {
  const { pid, afterMs, ranMs, text } = outcome.evidence;
  const at = Date.parse(outcome.time);
  if (typeof pid !== 'number') return outcome.ok ? [] : [line(at, 'INFO', `spawnerr: ${textOr(text, outcome.text)}`)];
  const lived = [afterMs, ranMs].find((ms) => typeof ms === 'number');
  const born = typeof lived === 'number' ? at - lived : Date.parse(time);
  const name = worker ?? '';
  const spawned = line(born, 'INFO', `spawned: '${name}' with pid ${pid}`);
  const stayed = `process has stayed up for > than ${Math.round(startMs / 1000)} seconds (startsecs)`;
  return outcome.ok ? [spawned, line(at, 'INFO', `success: ${name} entered RUNNING state, ${stayed}`)] : [spawned];
};

const exitLine = ({ time, reason }: JournalEntry, name: string): ActivityLine => {
  const expected = reason.rule === 'exit.expected';
  const how = `${endOf(reason.evidence)}; ${expected ? 'expected' : 'not expected'}`;
  return line(Date.parse(time), expected ? 'INFO' : 'WARN', `exited: ${name} (${how})`);
};

const stopLines = ({ time, evidence }: Outcome, name: string): ActivityLine[] =>
  typeof evidence['pid'] === 'number' ? [line(Date.parse(time), 'INFO', `stopped: ${name} (${endOf(evidence)})`)] : [];

const endOf = ({ code, signal, exitSignal }: Evidence): string =>
  typeof code === 'number' ? `exit status ${code}` : `terminated by ${textOr(exitSignal ?? signal, 'a signal')}`;

const textOr = (value: Evidence[string] | undefined, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

const two = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** `2026-11-25 23:54:08,099 INFO text`, local time. */
const line = (at: number, level: Level, text: string): ActivityLine => {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const said = `${day} ${clock},${two(date.getMilliseconds(), 3)} ${level} ${text.replaceAll(/\s+/g, ' ')}`;
  return { at, text: said };
};
