/** The rows of the live view: the host, a worker, a program's latest output. Pure. */
import type { Status, WorkerStatus } from '../api/types.ts';
import { bar } from './bar.ts';
import { STATE_COLOURS } from './colour.ts';
import { alignTable, formatBytesOf, formatGrowth, formatPercent } from './format.ts';
import { stripControls } from './plain.ts';
import { formatHeld, judgedBytes, paintShare, shareOfHard, truncateName } from './status-table.ts';
import { hostSentence } from './status.ts';
import { paintOf } from './watch-model.ts';
import type { WatchModel } from './watch-model.ts';
import { displayWidth, pad, truncate } from './width.ts';

const MAX_BAR = 24;
const MIN_BAR = 4;
const MAX_NAME = 32;

export function hostRow(status: Status, model: WatchModel): string {
  const paint = paintOf(model);
  const running = status.workers.filter(({ state }) => state === 'RUNNING' || state === 'DRAINING').length;
  const head = `ackwarden ${status.controller.version}: ${running} of ${status.workers.length} running`;
  const host = hostSentence(status.host);
  return `${paint('bold', head)}${host === '' ? '' : paint('dim', `, ${host}`)}`;
}

/** Cells after the bar; the last ones are given up first on a narrow terminal. */
function figures(worker: WorkerStatus, withHeld: boolean): string[] {
  const growth = formatGrowth(worker.growthBytesPerMinute);
  return [
    formatBytesOf(judgedBytes(worker), worker.hardBytes),
    growth,
    formatPercent(worker.cpuPercent),
    ...(withHeld ? [worker.inFlight === null ? '' : `${formatHeld(worker, '')} held`] : []),
    `${worker.recycles} rcy`,
  ];
}

const RIGHT = ['right', 'right', 'right', 'right', 'right'] as const;

/** One row a worker: name, state, pid, bar against the hard ceiling, then as many figures as fit. */
export function workerRows(workers: readonly WorkerStatus[], columns: number, model: WatchModel): string[] {
  const paint = paintOf(model);
  const nameWidth = Math.min(MAX_NAME, Math.max(0, ...workers.map(({ name }) => displayWidth(name))));
  const heads = alignTable(
    workers.map((worker) => [
      pad(truncateName(worker.name, nameWidth, model.unicode), nameWidth),
      paint(STATE_COLOURS[worker.state], pad(worker.state, 8)),
      worker.pid === null ? '-' : String(worker.pid),
    ]),
    ['left', 'left', 'right'],
  );
  const isGated = workers.some(({ inFlight }) => inFlight !== null);
  const all = workers.map((worker) => figures(worker, isGated));
  const headWidth = Math.max(0, ...heads.map(displayWidth));
  let kept = isGated ? RIGHT.length : RIGHT.length - 1;
  let tails = alignTable(all, RIGHT);
  const room = (): number => columns - headWidth - Math.max(0, ...tails.map(displayWidth)) - 2;
  while (kept > 1 && room() < MIN_BAR) {
    kept -= 1;
    tails = alignTable(
      all.map((cells) => cells.slice(0, kept)),
      RIGHT,
    );
  }
  const barWidth = Math.min(MAX_BAR, room());
  return workers.map((worker, index) => {
    const gauge = barWidth < MIN_BAR ? '' : `${gaugeOf(worker, barWidth, model)} `;
    return truncate(`${heads[index] ?? ''} ${gauge}${tails[index] ?? ''}`, columns, model.unicode ? '…' : '~');
  });
}

function gaugeOf(worker: WorkerStatus, width: number, model: WatchModel): string {
  const share = shareOfHard(worker);
  // Without a process or a ceiling there is nothing to measure: no bar, but its room, so that the columns stay aligned.
  if (share === null) return ' '.repeat(width);
  return paintShare(worker, bar(share, width, model.unicode), paintOf(model));
}

export function outputRows(model: WatchModel, columns: number): string[] {
  const paint = paintOf(model);
  const names = [...model.outputs.keys()];
  const width = Math.min(MAX_NAME, Math.max(0, ...names.map(displayWidth)));
  const separator = model.unicode ? '│' : '|';
  return names.map((name) => {
    const head = pad(truncateName(name, width, model.unicode), width);
    const line = stripControls(model.outputs.get(name) ?? '');
    return truncate(`${paint('cyan', head)} ${paint('dim', separator)} ${line}`, columns, model.unicode ? '…' : '~');
  });
}
