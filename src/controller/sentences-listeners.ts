/** Sentences about event listeners (docs/events.md). */
import type { EntryDraft, Evidence } from '../core/types.ts';
import { said, text } from './entry-words.ts';
import { exitText, plural, seconds } from './words.ts';

type Template = (entry: Omit<EntryDraft, 'action'> & { action: string }) => string;

const time = (evidence: Evidence, key: string): string => seconds(Number(evidence[key] ?? 0));

const who = ({ evidence }: { evidence: Evidence }): string =>
  `The event listener ${text(evidence, 'listener')} (pid ${text(evidence, 'pid')})`;

const ran = (evidence: Evidence): string => `${exitText(evidence)} after ${time(evidence, 'ranMs')}`;

export const LISTENER_ENTRIES: Record<string, Template> = {
  'listener.started': ({ evidence }) =>
    `Started the event listener ${text(evidence, 'listener')} (pid ${text(evidence, 'pid')})`,
  'listener.exited': (entry) =>
    `${who(entry)} ${ran(entry.evidence)}; it is started again in ${time(entry.evidence, 'delayMs')}`,
  'listener.stopped': (entry) => `${who(entry)} was stopped: it ${ran(entry.evidence)}`,
  'listener.unstartable': ({ evidence }) =>
    `The event listener ${text(evidence, 'listener')} cannot be started: ${said(evidence, 'text')}; next try in ${time(evidence, 'delayMs')}`,
  'listener.garbage': (entry) =>
    `${who(entry)} wrote ${text(entry.evidence, 'garbage')} where ${entry.evidence['busy'] === true ? 'RESULT' : 'READY'} was expected: it is started anew, because nobody can tell what its next word means (its stdout is for the protocol alone; messages belong to stderr)`,
  'listener.late': (entry) => {
    const { evidence } = entry;
    const what = evidence['busy'] === true ? `answered ${text(evidence, 'eventName')}` : 'said READY';
    const then = evidence['ended'] === true ? 'it is started anew' : 'its events wait';
    return `${who(entry)} has not ${what} for ${time(evidence, 'afterMs')} (timeout); ${then}`;
  },
  'listener.overflow': ({ evidence }) =>
    `${plural(Number(evidence['dropped'] ?? 0), 'event', 'events')} for the event listener ${text(evidence, 'listener')} dropped, the oldest first: ${text(evidence, 'bufferSize')} wait already (bufferSize)`,
  'listener.left': ({ evidence }) =>
    `Killed ${plural(Number(evidence['count'] ?? 0), 'event listener', 'event listeners')} that an earlier controller left (pid ${text(evidence, 'pids')})`,
};
