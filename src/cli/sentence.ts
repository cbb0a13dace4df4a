/** A journal entry as a person reads it: reason and outcome joined into one sentence. Pure. */
import type { JournalEntry } from '../api/types.ts';
import type { Colour, Paint } from './colour.ts';
import { stripControls } from './plain.ts';
import { formatClock, formatTime } from './format.ts';
import { displayWidth, pad, wrap } from './width.ts';

const bare = (text: string): string => stripControls(text).replace(/[.;\s]+$/, '');

/** `Recycled shop:2 (pid 5481): … for 19 s; exited in 0.31 s; replaced by pid 5533.` */
export function sentenceOf(entry: JournalEntry): string {
  const reason = bare(entry.reason.text);
  if (entry.outcome === null) return `${reason}.`;
  const outcome = bare(entry.outcome.text);
  return outcome === '' ? `${reason}.` : `${reason}; ${outcome}.`;
}

/** When only the outcome is news: the intent was shown before. */
export function outcomeSentence(entry: JournalEntry): string {
  const who = entry.worker ?? entry.program;
  return `${who === null ? '' : `${who}: `}${bare(entry.outcome?.text ?? '')}.`;
}

const ACTION_COLOURS: Partial<Record<JournalEntry['action'], Colour>> = {
  start: 'green',
  attach: 'green',
  adopt: 'green',
  recycle: 'cyan',
  exit: 'yellow',
  backoff: 'yellow',
  warn: 'yellow',
  hold: 'yellow',
  hostPressure: 'yellow',
  fatal: 'red',
  kill: 'red',
  shimLost: 'red',
};

export function actionColour(entry: JournalEntry): Colour {
  if (entry.outcome?.ok === false) return 'red';
  return ACTION_COLOURS[entry.action] ?? 'blue';
}

export interface EntryLook {
  columns: number;
  paint: Paint;
  /** Date and time, or the time alone. */
  dated: boolean;
  unicode: boolean;
}

const ACTION_WIDTH = 8;

/** Local time, action, sentence; wrapped under itself. `news`: the whole entry, or only the outcome of one already shown. */
export function entryLines(entry: JournalEntry, look: EntryLook, news: 'entry' | 'outcome' = 'entry'): string[] {
  const time = news === 'outcome' && entry.outcome !== null ? entry.outcome.time : entry.time;
  const shownTime = look.dated ? formatTime(time) : formatClock(time);
  const sentence = news === 'entry' ? sentenceOf(entry) : `${look.unicode ? '→' : '->'} ${outcomeSentence(entry)}`;
  const plainHead = `${shownTime} ${pad(entry.action, ACTION_WIDTH)} `;
  const indent = displayWidth(plainHead);
  const head = `${look.paint('dim', shownTime)} ${look.paint(actionColour(entry), pad(entry.action, ACTION_WIDTH))} `;
  // On a narrow terminal a hanging indent would leave a ribbon of words.
  if (look.columns - indent < 30) {
    return [head.trimEnd(), ...wrap(sentence, look.columns - 2).map((line) => `  ${line}`)];
  }
  return wrap(sentence, look.columns - indent).map((line, at) => (at === 0 ? head : ' '.repeat(indent)) + line);
}
