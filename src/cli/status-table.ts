/** The rows of `status`: columns that fit the width, least needed dropped first. Pure. */
import type { WorkerStatus } from '../api/types.ts';
import { bar } from './bar.ts';
import { STATE_COLOURS } from './colour.ts';
import type { Paint } from './colour.ts';
import { formatAge, formatBytesShort, formatGrowth, formatPercent } from './format.ts';
import type { Terminal } from './terminal.ts';
import { displayWidth, pad, truncate } from './width.ts';

export interface TableLook {
  columns: number;
  unicode: boolean;
  paint: Paint;
  /** Wall clock, milliseconds since the epoch. */
  now: number;
}

interface Column {
  title: string;
  align: 'left' | 'right';
  /** Lower goes first when the width does not suffice; null: never dropped. */
  keep: number | null;
  cell: (worker: WorkerStatus, look: TableLook) => string;
  /** Shown if it holds of any worker; absent: always. */
  when?: (worker: WorkerStatus) => boolean;
}

/** What the ceilings judge, as far as status knows: resident memory plus swap, with descendants where they were read. */
export function judgedBytes(worker: WorkerStatus): number | null {
  if (worker.rssBytes === null) return worker.treeBytes;
  return Math.max(worker.treeBytes ?? 0, worker.rssBytes + (worker.swapBytes ?? 0));
}

/** Share of the hard ceiling; null without one or without a reading. */
export function shareOfHard(worker: WorkerStatus): number | null {
  const bytes = judgedBytes(worker);
  return bytes === null || worker.hardBytes === null || worker.hardBytes === 0 ? null : bytes / worker.hardBytes;
}

export function paintShare(worker: WorkerStatus, text: string, paint: Paint): string {
  const bytes = judgedBytes(worker);
  if (bytes === null) return paint('dim', text);
  if (worker.hardBytes !== null && bytes > worker.hardBytes) return paint('red', text);
  return worker.softBytes !== null && bytes > worker.softBytes ? paint('yellow', text) : paint('green', text);
}

/** Seconds the current incarnation has lived; null without one. */
export function uptimeSeconds(worker: WorkerStatus, now: number): number | null {
  if (worker.pid === null || worker.startedAt === null) return null;
  const started = Date.parse(worker.startedAt);
  return Number.isNaN(started) ? null : Math.max(0, (now - started) / 1000);
}

function memory(worker: WorkerStatus): string {
  const used = formatBytesShort(judgedBytes(worker));
  return worker.hardBytes === null ? used : `${used}/${formatBytesShort(worker.hardBytes)}`;
}

/** Unacknowledged messages, and how many there may be: `3/10`; `3` where there is no limit. */
export function formatHeld({ inFlight, prefetch }: WorkerStatus, unknown: string): string {
  if (inFlight === null) return unknown;
  return prefetch === null || prefetch === 0 ? String(inFlight) : `${inFlight}/${prefetch}`;
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', align: 'left', keep: null, cell: (worker) => worker.name },
  {
    title: 'STATE',
    align: 'left',
    keep: null,
    cell: (worker, { paint }) => paint(STATE_COLOURS[worker.state], worker.state),
  },
  { title: 'PID', align: 'right', keep: 7, cell: (worker) => (worker.pid === null ? '-' : String(worker.pid)) },
  { title: 'UP', align: 'right', keep: 6, cell: (worker, { now }) => formatAge(uptimeSeconds(worker, now)) },
  {
    title: '',
    align: 'left',
    keep: 1,
    cell: (worker, { unicode, paint }) => {
      const share = shareOfHard(worker);
      return share === null ? '' : paintShare(worker, bar(share, 5, unicode), paint);
    },
  },
  { title: 'MEMORY', align: 'right', keep: 8, cell: memory },
  { title: 'GROWTH', align: 'right', keep: 4, cell: (worker) => formatGrowth(worker.growthBytesPerMinute) },
  { title: 'CPU', align: 'right', keep: 3, cell: (worker) => formatPercent(worker.cpuPercent) },
  {
    title: 'HELD',
    align: 'right',
    keep: 5,
    cell: (worker) => formatHeld(worker, '-'),
    when: ({ inFlight }) => inFlight !== null,
  },
  { title: 'RST', align: 'right', keep: 5, cell: (worker) => String(worker.restarts) },
  { title: 'RCY', align: 'right', keep: 2, cell: (worker) => String(worker.recycles) },
];

const MIN_NAME = 16;

interface Layout {
  columns: readonly Column[];
  rows: string[][];
  widths: number[];
}

function measure(columns: readonly Column[], workers: readonly WorkerStatus[], look: TableLook): Layout {
  const rows = [columns.map(({ title }) => title)];
  for (const worker of workers) rows.push(columns.map((column) => column.cell(worker, look)));
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => displayWidth(row[index] ?? ''))));
  return { columns, rows, widths };
}

const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, widths.length - 1);

/** Drops the least needed columns, then cuts names, until a row fits. */
function fit(workers: readonly WorkerStatus[], look: TableLook): Layout {
  let columns = COLUMNS.filter(({ when }) => when === undefined || workers.some(when));
  for (;;) {
    const layout = measure(columns, workers, look);
    const nameWidth = layout.widths[0] ?? 0;
    const over = total(layout.widths) - look.columns;
    if (over <= 0 || nameWidth - over >= Math.min(nameWidth, MIN_NAME)) {
      return { ...layout, widths: [Math.max(1, nameWidth - Math.max(0, over)), ...layout.widths.slice(1)] };
    }
    const droppable = columns.filter(({ keep }) => keep !== null).toSorted((a, b) => (a.keep ?? 0) - (b.keep ?? 0));
    const [least] = droppable;
    if (least === undefined) return { ...layout, widths: [Math.max(1, nameWidth - over), ...layout.widths.slice(1)] };
    columns = columns.filter((column) => column !== least);
  }
}

/** Cuts in the middle: the program's beginning and the worker's index both tell workers apart. */
export function truncateName(name: string, width: number, unicode: boolean): string {
  if (displayWidth(name) <= width) return name;
  const tail = /[:-][^:-]{1,6}$/.exec(name)?.[0] ?? '';
  if (displayWidth(tail) + 4 > width) return truncate(name, width, unicode ? '…' : '~');
  return truncate(name.slice(0, name.length - tail.length), width - displayWidth(tail), unicode ? '…' : '~') + tail;
}

/** The header line, and for each worker its line. */
export function statusRows(workers: readonly WorkerStatus[], look: TableLook): { header: string; lines: string[] } {
  const layout = fit(workers, look);
  const draw = (row: readonly string[]): string =>
    row
      .map((cell, index) => {
        const width = layout.widths[index] ?? 0;
        const text = index === 0 ? truncateName(cell, width, look.unicode) : cell;
        return pad(text, width, layout.columns[index]?.align ?? 'left');
      })
      .join(' ')
      .trimEnd();
  const [header = [], ...rows] = layout.rows;
  return { header: look.paint('dim', draw(header)), lines: rows.map(draw) };
}

export function lookOf(terminal: Terminal, paint: Paint, now: number): TableLook {
  return { columns: terminal.columns, unicode: terminal.unicode, paint, now };
}
