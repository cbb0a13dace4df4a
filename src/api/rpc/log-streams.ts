/** `/logtail/NAME[/stdout|/stderr]` and `/mainlogtail`: logs that go on until the client hangs up. */
import { existsSync } from 'node:fs';
import { followActivity } from './follow-activity.ts';
import { followFile } from './follow-file.ts';
import { logPathOf } from './methods/logs.ts';
import { oneProcess } from './namespec.ts';
import type { Supervisor } from './supervisor.ts';

/** Followers at once; each costs an open file and a look ten times a second. */
const MOST_FOLLOWERS = 64;
let followers = 0;

/** @param path of the URL, still escaped */
export const logTail = (supervisor: Supervisor, path: string): Response => {
  const file = logFileAt(supervisor, path);
  if (file === null || !existsSync(file)) return new Response('Not Found', { status: 404 });
  return streamed((gone) => followFile(file, gone));
};

export const mainLogTail = (supervisor: Supervisor): Response =>
  streamed((gone) => followActivity(supervisor.activity, gone));

const logFileAt = (supervisor: Supervisor, path: string): string | null => {
  try {
    const [, , name = '', channel = 'stdout'] = path.split('/').map(decodeURIComponent);
    if (channel !== 'stdout' && channel !== 'stderr') return null;
    return logPathOf(oneProcess(supervisor, name), channel);
  } catch {
    return null;
  }
};

const streamed = (source: (gone: AbortSignal) => AsyncGenerator<Uint8Array>): Response => {
  if (followers >= MOST_FOLLOWERS) return new Response('Too many followers', { status: 503 });
  const gone = new AbortController();
  const chunks = counted(source(gone.signal));
  // Read only as far as the client has taken what came before.
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        const { done, value } = await chunks.next();
        if (done === true) stream.close();
        else stream.enqueue(value);
      },
      async cancel() {
        gone.abort();
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { 'content-type': 'text/plain;charset=utf-8', 'x-accel-buffering': 'no' },
  });
};

async function* counted(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  followers += 1;
  try {
    yield* chunks;
  } finally {
    followers -= 1;
  }
}
