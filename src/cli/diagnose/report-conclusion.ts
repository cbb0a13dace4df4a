/** The last paragraph: what leaks, how sure, from which evidence, and what to do. */
import type { Conclusion, Diagnosis } from '../../forensics/types.ts';
import type { Colour, Paint } from '../colour.ts';
import { formatPercent } from '../format.ts';
import { stripControls } from '../plain.ts';
import { wrap } from '../width.ts';

const TITLES: Record<Conclusion['kind'], { title: string; colour: Colour }> = {
  zend: { title: 'PHP code leaks', colour: 'red' },
  native: { title: 'A native leak', colour: 'red' },
  shared: { title: 'Shared memory leaks', colour: 'red' },
  helper: { title: 'A helper process leaks', colour: 'red' },
  descriptors: { title: 'It does not close what it opens', colour: 'red' },
  'growth-normal': { title: 'It grows, and that is normal', colour: 'green' },
  none: { title: 'Nothing leaks', colour: 'green' },
  unknown: { title: 'Not known', colour: 'yellow' },
};

const DOUBTED = 0.5;
const NOTHING_NOW = { title: 'Nothing grows now', colour: 'yellow' } as const;

export const conclusionLines = (
  { conclusion }: Diagnosis,
  { columns, paint }: { columns: number; paint: Paint },
): string[] => {
  const { kind, module, confidence, text, because, remedy } = conclusion;
  // It is idle, or large already: that is no all-clear.
  const { title, colour } = kind === 'none' && confidence <= DOUBTED ? NOTHING_NOW : TITLES[kind];
  const named = module === null ? '' : `: ${stripControls(module)}`;
  const sure = because.length === 0 ? '' : paint('dim', `  ${formatPercent(confidence * 100)} sure`);
  const item = (mark: string, body: string): string[] =>
    wrap(stripControls(body), columns - 4).map((line, at) => `${at === 0 ? `  ${mark} ` : '    '}${line}`);
  return [
    `${paint(colour, `${title}${named}`)}${sure}`,
    ...wrap(stripControls(text), columns),
    ...because.flatMap((reason) => item(reason.weight < 0 ? '-' : '+', reason.text)),
    ...(remedy.length === 0 ? [] : [paint('bold', 'to do')]),
    ...remedy.flatMap((step, at) => item(String(at + 1), step)),
  ];
};
