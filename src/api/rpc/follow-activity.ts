/** `maintail -f`: the end of the activity log, then its lines as they come. */
import { EventEmitter, once } from 'node:events';
import type { ActivityLog } from './supervisor.ts';

const HEAD_BYTES = 1024;
/** A client that has not taken so many characters is told that some are missing, and no more are kept. */
const MOST_WAITING = 256 * 1024;
const SKIPPED = '==> Lines skipped, the reader is too slow <==\n';

export async function* followActivity(activity: ActivityLog, gone: AbortSignal): AsyncGenerator<Uint8Array> {
  const news = new EventEmitter();
  let waiting = activity.text().slice(-HEAD_BYTES);
  const stop = activity.follow((lines) => {
    if (waiting.length + lines.length <= MOST_WAITING) waiting += lines;
    else if (!waiting.endsWith(SKIPPED)) waiting += SKIPPED;
    news.emit('lines');
  });
  try {
    while (!gone.aborted) {
      if (waiting === '') await once(news, 'lines', { signal: gone }).catch(() => undefined);
      const text = waiting;
      waiting = '';
      if (text !== '') yield Buffer.from(text);
    }
  } finally {
    stop();
  }
}
