/** Sentences about evidence (controller/evidence.ts). */
import type { EntryDraft, Evidence } from '../core/types.ts';
import { said, who } from './entry-words.ts';

type Entry = Omit<EntryDraft, 'action'>;

const BECAUSE: Record<string, string> = {
  'memory.soft': 'before it is replaced for its memory',
  'memory.hard': 'before it is replaced for its memory',
  'memory.growth': 'before it is replaced for its growth',
  'growth.leaking': 'because it leaks',
  'stuck.holds': 'because it holds a message for too long',
  'memory.near': 'because it grows towards its memory ceiling',
};

export const DIAGNOSE_ENTRIES: Record<string, (entry: Entry) => string> = {
  'diagnose.begun': (entry) => {
    const rule = said(entry.evidence, 'because');
    return `Looked into ${who(entry)} ${BECAUSE[rule] ?? `because of ${rule}`}`;
  },
};

/** A conclusion is a sentence of its own; here it goes on one. What it begins with otherwise is a name. */
const goingOn = (text: string): string => text.replace(/^(?:Not|Nothing)\b/, (word) => word.toLowerCase());

/** Of the same process, while there was more of it to see. */
const earlier = (evidence: Evidence): string =>
  evidence['earlier'] == null
    ? ''
    : `; before that: ${goingOn(said(evidence, 'earlier'))} (evidence in ${said(evidence, 'earlierPath')})`;

export const DIAGNOSE_OUTCOMES: Record<string, (evidence: Evidence) => string> = {
  diagnosed: (evidence) => {
    const confidence = evidence['confidence'];
    const sure = typeof confidence === 'number' ? `, ${Math.round(confidence * 100)} % sure` : '';
    return `${goingOn(said(evidence, 'text'))} (${said(evidence, 'kind')}${sure}; evidence in ${said(evidence, 'path')})${earlier(evidence)}`;
  },
  notDiagnosed: (evidence) =>
    `no evidence, because ${said(evidence, 'text')}${evidence['path'] == null ? '' : ` (what was read of it before is in ${said(evidence, 'path')})`}${earlier(evidence)}`,
};
