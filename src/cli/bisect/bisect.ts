/** `ackwarden bisect PROGRAM`: begins it in the controller, shows how it goes, and waits until its canaries are gone. Ctrl-C ends it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../../api/client.ts';
import type { BisectGrowth, BisectReport, BisectRequest } from '../../api/bisect-types.ts';
import type { Context, GlobalOptions } from '../context.ts';
import { alignTable, formatBytes, formatDuration } from '../format.ts';
import { createLiveBlock } from '../live-block.ts';
import { stripControls } from '../plain.ts';
import { connect } from '../target.ts';
import { truncate, wrap } from '../width.ts';

const POLL_MS = 1_000;

/** Exit code: 0 for every answer, also that nothing leaks; 1 for one that was not let finish. */
export async function runBisect(request: BisectRequest, options: GlobalOptions, context: Context): Promise<number> {
  const client = await connect(options, context);
  // Before it begins, so that a Ctrl-C at once does not leave it to its lease.
  const interrupted = context.interrupted();
  const { terminal } = context.stderr;
  const block = createLiveBlock();
  const begun = await client.beginBisect(request);
  if (!options.json && request.suspects === null)
    context.stderr.write(`${introduction(begun, terminal.columns).join('\n')}\n`);
  const show = (report: BisectReport): void => {
    if (!terminal.tty || options.json) return;
    const rows = lines(report).map((row) => truncate(row, terminal.columns - 1, terminal.unicode ? '…' : '~'));
    context.stderr.write(block.draw([], rows, terminal.columns));
  };
  const report = await follow(client, begun, { show, interrupted });
  if (options.json) context.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const said = stripControls(report.conclusion?.text ?? '');
    const text =
      report.conclusion?.kind === 'cancelled' ? `No answer, and all canaries are drained and gone: ${said}` : said;
    const table = terminal.tty ? [] : lines(report);
    context.stdout.write(`${[...table, ...wrap(`${text}.`, context.stdout.terminal.columns)].join('\n')}\n`);
  }
  return report.conclusion?.kind === 'cancelled' ? 1 : 0;
}

/** Asking keeps it going; it is over once all canaries are drained and gone. */
async function follow(
  client: Client,
  begun: BisectReport,
  { show, interrupted }: { show: (report: BisectReport) => void; interrupted: AbortSignal },
): Promise<BisectReport> {
  let report = begun;
  let isEnded = false;
  show(report);
  while (report.state !== 'done') {
    const ends: boolean = interrupted.aborted && !isEnded;
    isEnded ||= ends;
    // A second Ctrl-C is none: the canaries have work in hand, and the controller ends them by itself.
    if (!ends) await pause(POLL_MS, undefined, isEnded ? {} : { signal: interrupted }).catch(() => undefined);
    report = ends ? await client.endBisect() : await client.bisect();
    show(report);
  }
  return report;
}

/** Which were chosen, and why: nobody has named them. Pure. */
export function introduction({ program, suspects, spared }: BisectReport, columns: number): string[] {
  const items = [
    ...suspects.map(({ extension, why }) => `${extension}: ${why}.`),
    ...spared.map(({ text }) => `${text}.`),
  ];
  return [
    ...wrap(`${program}: these are tried, each by a canary that runs without it.`, columns),
    ...items.flatMap((item) =>
      wrap(stripControls(item), columns - 4).map((row, at) => (at === 0 ? `  ${row}` : `    ${row}`)),
    ),
  ];
}

/** Pure. */
export function lines(report: BisectReport): string[] {
  const { control, suspects } = report;
  const limits = `${report.messages} of at most ${report.limitMessages} messages`;
  const time = `${formatDuration(report.elapsedSeconds)} of at most ${formatDuration(report.limitSeconds)}`;
  const head = `bisect ${report.program}: ${report.state === 'ending' ? 'canaries are drained, ' : ''}${limits}, ${time}`;
  const rows = [
    ['  with all', growthText(control.growth), `${control.messages} messages`, ''],
    ...suspects.map(({ extension, growth, messages, verdict, state }) => [
      `  without ${extension}`,
      growthText(growth),
      `${messages} messages`,
      state === 'waiting' ? 'waits for its turn' : (VERDICTS[verdict] ?? ''),
    ]),
  ];
  const apart = rows.map(([name = '', ...cells]) => [name, ...cells.map((cell) => ` ${cell}`)]);
  return [head, ...alignTable(apart, ['left', 'right', 'right', 'left'])].map((row) => row.trimEnd());
}

const VERDICTS: Record<string, string> = {
  leaks: 'it leaks',
  innocent: 'not it',
  undecided: 'not clear yet',
  cannotRun: 'the worker does not run without it',
};

function growthText(growth: BisectGrowth | null): string {
  if (growth === null) return '-';
  const [low, high] = [growth.lowBytesPerMessage, growth.highBytesPerMessage].map((value) => signed(value));
  return `${signed(growth.bytesPerMessage)} a message (${low} to ${high})`;
}

const signed = (value: number): string => (value < 0 ? `-${formatBytes(-value)}` : formatBytes(value));
