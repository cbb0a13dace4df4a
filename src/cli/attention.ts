/** What is wrong with a worker and what to do next, as a sentence; null where all is well. Pure. */
import type { WorkerStatus } from '../api/types.ts';
import { formatBytes, formatDuration } from './format.ts';
import { judgedBytes } from './status-table.ts';

const isUp = (worker: WorkerStatus): boolean => worker.state === 'RUNNING' || worker.state === 'DRAINING';

/** Names are shown inside commands that people paste: quoted unless a shell takes them as they are. */
export function shellWord(text: string): string {
  return /^[\w:.,@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const sentence = (text: string): string => text.replace(/[.\s]+$/, '');

function notRunning(worker: WorkerStatus): string | null {
  const name = shellWord(worker.name);
  const why = worker.note ?? worker.lastAction?.text ?? null;
  switch (worker.state) {
    case 'FATAL':
      return `${sentence(why ?? 'it failed too often and was given up')}; see \`ackwarden explain ${name}\` and \`ackwarden logs ${name}\`, then \`ackwarden start ${name}\``;
    case 'BACKOFF':
    case 'EXITED':
      return why === null
        ? `it ended; see \`ackwarden explain ${name}\``
        : `${sentence(why)}; more: \`ackwarden explain ${name}\``;
    case 'STOPPED':
    case 'STARTING':
    case 'STOPPING':
    case 'RUNNING':
    case 'DRAINING':
      return worker.note;
  }
}

function memoryTrouble(worker: WorkerStatus): string | null {
  const bytes = judgedBytes(worker);
  const name = shellWord(worker.name);
  if (bytes !== null && worker.hardBytes !== null && bytes > worker.hardBytes) {
    const over = formatBytes(bytes - worker.hardBytes);
    return `${over} over its hard ceiling of ${formatBytes(worker.hardBytes)}; see \`ackwarden explain ${name}\``;
  }
  if (worker.trend !== 'leaking') return null;
  const growth = worker.growthBytesPerMinute;
  if (growth === null || growth <= 0) return `it leaks memory; see \`ackwarden explain ${name}\``;
  const ceiling = worker.softBytes ?? worker.hardBytes;
  const which = worker.softBytes === null ? 'hard' : 'soft';
  const projected =
    bytes === null || ceiling === null || bytes >= ceiling
      ? ''
      : `, so it meets its ${which} ceiling in about ${formatDuration(((ceiling - bytes) / growth) * 60)}`;
  return `it leaks ${formatBytes(growth)} a minute${projected}; see \`ackwarden explain ${name}\``;
}

export function attention(worker: WorkerStatus): string | null {
  if (!isUp(worker)) return notRunning(worker);
  return worker.note ?? memoryTrouble(worker);
}
