/** Sentences about evidence (controller/evidence.ts). */
import type { EntryDraft, Evidence } from '../core/types.ts';

type Entry = Omit<EntryDraft, 'action'>;

const text = (evidence: Evidence, key: string): string => String(evidence[key] ?? '').replace(/[.\s]+$/, '');

const BECAUSE: Record<string, string> = {
  'memory.soft': 'before it is replaced for its memory',
  'memory.hard': 'before it is replaced for its memory',
  'memory.growth': 'before it is replaced for its growth',
  'growth.leaking': 'because it leaks',
  'stuck.holds': 'because it holds a message for too long',
  'memory.near': 'because it grows towards its memory ceiling',
};

const who = (entry: Entry): string => `${entry.worker ?? 'a worker'}${entry.pid === null ? '' : ` (pid ${entry.pid})`}`;

export const DIAGNOSE_ENTRIES: Record<string, (entry: Entry) => string> = {
  'diagnose.begun': (entry) => {
    const rule = text(entry.evidence, 'because');
    return `Looked into ${who(entry)} ${BECAUSE[rule] ?? `because of ${rule}`}`;
  },
};

/** Of the same process, while there was more of it to see. */
const earlier = (evidence: Evidence): string =>
  evidence['earlier'] == null
    ? ''
    : `; before that: ${text(evidence, 'earlier')} (evidence in ${text(evidence, 'earlierPath')})`;

export const DIAGNOSE_OUTCOMES: Record<string, (evidence: Evidence) => string> = {
  diagnosed: (evidence) => {
    const confidence = evidence['confidence'];
    const sure = typeof confidence === 'number' ? `, ${Math.round(confidence * 100)} % sure` : '';
    return `${text(evidence, 'text')} (${text(evidence, 'kind')}${sure}; evidence in ${text(evidence, 'path')})${earlier(evidence)}`;
  },
  notDiagnosed: (evidence) => `no evidence, because ${text(evidence, 'text')}${earlier(evidence)}`,
};
