/** `ackwarden status [NAME…]`: one row a worker, and under it what is wrong, if anything. */
import type { HostStatus, Status } from '../api/types.ts';
import { attention } from './attention.ts';
import { painter } from './colour.ts';
import type { Context, GlobalOptions } from './context.ts';
import { formatBytes, formatDuration } from './format.ts';
import { lookOf, statusRows } from './status-table.ts';
import { connect } from './target.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './width.ts';

/** `memory 3.1 GiB of 7.8 GiB free, swap 12 MiB used, load 0.4`; only what is known. */
export function hostSentence(host: HostStatus): string {
  const parts: string[] = [];
  if (host.memoryAvailableBytes !== null && host.memoryTotalBytes !== null) {
    parts.push(`memory ${formatBytes(host.memoryAvailableBytes)} of ${formatBytes(host.memoryTotalBytes)} free`);
  }
  if (host.swapTotalBytes !== null && host.swapFreeBytes !== null && host.swapTotalBytes > 0) {
    parts.push(`swap ${formatBytes(host.swapTotalBytes - host.swapFreeBytes)} used`);
  }
  if (host.swapInBytesPerSecond !== null && host.swapInBytesPerSecond >= 1024) {
    parts.push(`swap-in ${formatBytes(host.swapInBytesPerSecond)}/s`);
  }
  if (host.load1 !== null) parts.push(`load ${host.load1.toFixed(2)}`);
  if (host.stallPercent !== null && host.stallPercent >= 0.1) parts.push(`stalled ${host.stallPercent.toFixed(1)}%`);
  return parts.join(', ');
}

/** The whole text of `status`. Pure. */
export function statusLines(status: Status, terminal: Terminal, now: number): string[] {
  const paint = painter(terminal.colour);
  const lines: string[] = [];
  if (status.workers.length === 0) lines.push('No workers: workers.yaml has no program that starts any.');
  else {
    const table = statusRows(status.workers, lookOf(terminal, paint, now));
    lines.push(table.header);
    for (const [index, worker] of status.workers.entries()) {
      lines.push(table.lines[index] ?? '');
      const sentence = attention(worker);
      if (sentence === null) continue;
      const indented = wrap(sentence, terminal.columns - 4);
      lines.push(
        ...indented.map((line, at) =>
          paint('yellow', `${at === 0 ? (terminal.unicode ? '  └ ' : '  - ') : '    '}${line}`),
        ),
      );
    }
  }
  const { controller } = status;
  const shim = controller.shimPid === null ? 'no shim' : `shim ${controller.shimPid}`;
  const up = formatDuration(Math.floor(controller.uptimeSeconds));
  const host = hostSentence(status.host);
  const foot = [
    `controller ${controller.pid} (${controller.version}) up ${up}, ${shim}`,
    ...(host === '' ? [] : [host]),
  ];
  const joined = foot.join('; ');
  const fitting = joined.length <= terminal.columns ? [joined] : foot.flatMap((line) => wrap(line, terminal.columns));
  lines.push(...fitting.map((line) => paint('dim', line)));
  for (const warning of status.warnings) {
    lines.push(...wrap(`warning: ${warning}`, terminal.columns).map((line) => paint('yellow', line)));
  }
  return lines;
}

export async function showStatus(names: string[], options: GlobalOptions, context: Context): Promise<number> {
  const client = await connect(options, context);
  const answer = await client.status(names);
  if (options.json) context.stdout.write(`${JSON.stringify(answer)}\n`);
  else context.stdout.write(`${statusLines(answer, context.stdout.terminal, context.now()).join('\n')}\n`);
  return answer.workers.every(({ state }) => state === 'RUNNING' || state === 'DRAINING') ? 0 : 3;
}
