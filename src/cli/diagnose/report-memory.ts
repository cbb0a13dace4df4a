/** Memory by kind as a table, and the mappings that grew. */
import { basename } from 'node:path';
import type { Diagnosis, GrownMapping, Kind, MemoryByKind } from '../../forensics/types.ts';
import type { Paint } from '../colour.ts';
import { UNKNOWN, alignTable, formatBytes, formatGrowth } from '../format.ts';
import { stripControls } from '../plain.ts';
import { pad } from '../width.ts';

const NAMES: Record<Kind, string> = {
  zend: "PHP's own heap",
  brk: 'malloc ([heap])',
  anonymous: 'anonymous',
  stack: 'stack',
  file: 'files',
  shared: 'shared',
  other: 'other',
};
const SHOWN: readonly Kind[] = ['zend', 'brk', 'anonymous', 'file', 'shared'];
const MOST_MAPPINGS = 5;
const LEAST_CHANGE_BYTES = 64 * 1024;

interface Layout {
  label: number;
  paint: Paint;
}

const change = (from: number | null, to: number | null): string => {
  if (from === null || to === null) return UNKNOWN;
  const by = to - from;
  return Math.abs(by) < LEAST_CHANGE_BYTES ? '0' : `${by > 0 ? '+' : '-'}${formatBytes(Math.abs(by))}`;
};

type Row = [string, string, string, string, string];

const row = (name: string, from: number | null, to: number | null, seconds: number): Row => {
  const perMinute = from === null || to === null || seconds <= 0 ? null : ((to - from) / seconds) * 60;
  const moved = from !== null && to !== null && Math.abs(to - from) >= LEAST_CHANGE_BYTES;
  return [name, formatBytes(from), formatBytes(to), change(from, to), moved ? formatGrowth(perMinute) : ''];
};

export const memoryLines = (found: Diagnosis, { label, paint }: Layout): string[] => {
  const { memory, timeline, seconds } = found;
  const [first, last] = [timeline[0], timeline.at(-1)];
  const isPhp = found.process.isPhp;
  const kinds = SHOWN.filter((kind) => isPhp || kind !== 'zend').map((kind) =>
    kindRow(kind, memory.before, memory.after, seconds),
  );
  const rows: Row[] = [
    ['', 'begin', 'end', 'change', 'a minute'],
    row('resident', first?.rssBytes ?? null, last?.rssBytes ?? null, seconds),
    ...kinds,
    ...(first?.swapBytes === 0 && last?.swapBytes === 0
      ? []
      : [row('swapped', first?.swapBytes ?? null, last?.swapBytes ?? null, seconds)]),
    ...(found.helpers.length === 0
      ? []
      : [row('its helpers', first?.helperBytes ?? null, last?.helperBytes ?? null, seconds)]),
    ...(isPhp ? [row('in use by PHP', first?.zendUsedBytes ?? null, last?.zendUsedBytes ?? null, seconds)] : []),
  ];
  const table = alignTable(
    rows.map(([name, ...figures]) => [pad(name, 16), ...figures.map((figure) => pad(figure, 11, 'right'))]),
    ['left', 'right', 'right', 'right', 'right'],
  );
  const grown = memory.grown.slice(0, MOST_MAPPINGS).map(mappingText);
  const lines = [...table, ...(grown.length === 0 ? [] : [`grew most: ${grown.join(', ')}`])];
  return lines.map((line, at) => {
    const head = at === 0 ? paint('cyan', pad('memory', label)) : ' '.repeat(label);
    return head + (at === 0 ? paint('dim', line) : stripControls(line));
  });
};

/** Swap is in it; without the heap's place its part is in `anonymous`, and 0 would be a lie. */
const kindRow = (kind: Kind, before: MemoryByKind | null, after: MemoryByKind | null, seconds: number): Row => {
  const of = (kinds: MemoryByKind | null): number | null =>
    kinds === null || (kind === 'zend' && kinds.zend === 0) ? null : kinds[kind];
  return row(NAMES[kind], of(before), of(after), seconds);
};

const mappingText = ({ kind, what, fromBytes, toBytes }: GrownMapping): string => {
  const name = what.startsWith('/') ? basename(what) : what;
  const of = kind === 'zend' || kind === 'anonymous' ? `${NAMES[kind]} at ${name}` : name;
  return `${of} ${change(fromBytes, toBytes)}`;
};
