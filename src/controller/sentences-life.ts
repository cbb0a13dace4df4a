/** Order, readiness, hooks and lifetime, in words (sentences.ts). */
import type { Evidence } from '../core/types.ts';
import { who } from './entry-words.ts';
import { clockOf, seconds } from './words.ts';

interface LifeEntry {
  worker: string | null;
  program: string | null;
  pid: number | null;
  evidence: Evidence;
}

const said = ({ evidence }: LifeEntry, key: string): string => String(evidence[key] ?? '');
const number = ({ evidence }: LifeEntry, key: string): number => Number(evidence[key] ?? 0);

const waitsFor =
  (why: (program: string) => string) =>
  (entry: LifeEntry): string =>
    `The start of ${entry.worker ?? ''} waits for ${said(entry, 'after')} (after): ${why(said(entry, 'after'))}`;

export const LIFE_ENTRIES: Record<string, (entry: LifeEntry, where: string) => string> = {
  'start.after': (entry) => `Started ${who(entry)}: ${said(entry, 'after')} is up`,
  'after.starting': waitsFor(() => 'it is not up yet'),
  'after.waiting': waitsFor((program) => `it waits itself; see ackwarden explain ${program}`),
  'after.stopped': waitsFor((program) => `nobody wants it to run; ackwarden start ${program} starts it`),
  'after.fatal': waitsFor((program) => `it was given up (FATAL); see ackwarden explain ${program}`),
  'after.exited': waitsFor((program) => `it ended unexpectedly and is not restarted; see ackwarden explain ${program}`),
  'shutdown.after': (entry) =>
    `${who(entry)} is stopped once ${said(entry, 'before')} is gone, which stands on it (after)`,
  'ready.late': (entry, where) =>
    `Stopped ${who(entry)}: it was not ready within ${seconds(number(entry, 'waitedMs'))} (${said(entry, 'check')})${where}`,
  'ready.timeout': (entry) =>
    `${entry.worker ?? ''} did not become ready (${said(entry, 'check')}, try ${said(entry, 'attempt')} of ${said(entry, 'retries')}); next try in ${seconds(number(entry, 'delayMs'))}`,
  'hook.done': (entry) =>
    `Ran ${said(entry, 'hook')} of ${who(entry)} in ${seconds(number(entry, 'tookMs'))}: it ${said(entry, 'text')}`,
  'hook.failed': (entry, where) =>
    `${said(entry, 'hook')} of ${who(entry)} failed after ${seconds(number(entry, 'tookMs'))}${where}: it ${said(entry, 'text')}`,
  'lifetime.age': (entry, where) =>
    `Recycled ${who(entry)}: it is ${seconds(number(entry, 'ageMs'))} old, and lifetime.age is ${seconds(number(entry, 'limitMs'))}, less its part of the jitter${where}`,
  'lifetime.messages': (entry, where) =>
    `Recycled ${who(entry)}: it has acknowledged ${said(entry, 'acknowledged')} messages, and lifetime.messages is ${said(entry, 'limit')}, less its part of the jitter${where}`,
  'lifetime.schedule': (entry, where) =>
    `Recycled ${who(entry)}: it is the time of its schedule ${said(entry, 'schedule')}${where}`,
  'schedule.missed': (entry) =>
    `Nobody was there when the schedule ${said(entry, 'schedule')} of ${said(entry, 'program')} was due at ${clockOf(number(entry, 'at'))} (a clock that leapt, or a controller that stood still); it is not made up`,
};
