/** The routes of the control interface (types.ts lists them). Everything that arrives is validated; an error is a sentence. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { parseBisect, parseCommand, parseReload } from './command-parser.ts';
import { OperationError } from './operations.ts';
import type { Operations } from './operations.ts';
import type { Supervisor } from './rpc/supervisor.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const STATUS_EVERY_MS = 1_000;
const JOURNAL_LIMIT = 5_000;
/** Events that a client has not read yet; one that falls further behind is hung up on, it may connect anew. */
const MAX_UNREAD = 1_000;

/** supervisord's paths; their code is loaded when one of them is asked for. */
const RPC_PATHS = ['/RPC2', '/RPC2/*', '/logtail/*', '/mainlogtail', '/ok.html'];

/** The routes alone: `app.request()` tests them without a socket. */
export const createApp = (operations: Operations, supervisor: Supervisor): Hono => {
  const app = new Hono();
  let rpc: Promise<(request: Request) => Promise<Response | null>> | null = null;
  app.on(['GET', 'POST', 'PUT', 'DELETE'], RPC_PATHS, async (context) => {
    rpc ??= import('./rpc/routes.ts').then(({ createRpcRoutes }) => createRpcRoutes(supervisor));
    return (await (await rpc)(context.req.raw)) ?? context.notFound();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new OperationError('badRequest', `the body is larger than ${MAX_BODY_BYTES} bytes, expected a command`);
      },
    }),
  );
  app.get('/api/v1/status', (context) => context.json(operations.status(context.req.queries('name') ?? [])));
  app.get('/api/v1/journal', (context) => {
    const { since, name, limit } = context.req.query();
    return context.json({
      entries: operations.journal({ since: timeOf(since), name: name ?? null, limit: limitOf(limit) }),
    });
  });
  app.get('/api/v1/explain', (context) => context.json(operations.explain(context.req.query('of') ?? null)));
  app.get('/api/v1/logs', (context) => context.json(operations.logs(context.req.query('name') ?? '')));
  app.get('/api/v1/trace', (context) => context.json(operations.trace(context.req.query('name') ?? '')));
  app.post('/api/v1/commands', async (context) =>
    context.json(await operations.command(parseCommand(await bodyOf(context.req)))),
  );
  app.post('/api/v1/reload', async (context) =>
    context.json(operations.reload(parseReload(await bodyOf(context.req)))),
  );
  app.get('/api/v1/bisect', (context) => context.json(operations.bisect()));
  app.post('/api/v1/bisect', async (context) =>
    context.json(await operations.beginBisect(parseBisect(await bodyOf(context.req)))),
  );
  app.post('/api/v1/bisect/end', (context) => context.json(operations.endBisect()));
  app.get('/api/v1/events', (context) => streamSSE(context, (stream) => follow(operations, stream)));
  app.notFound((context) =>
    context.json({ error: { code: 'notFound', text: `there is nothing at ${context.req.path}` } }, 404),
  );
  app.onError((error, context) => {
    if (error instanceof OperationError) {
      return context.json({ error: { code: error.code, text: error.message } }, error.code === 'notFound' ? 404 : 400);
    }
    process.stderr.write(
      `ackwarden: ${context.req.method} ${context.req.path} failed: ${error.stack ?? error.message}\n`,
    );
    return context.json({ error: { code: 'internal', text: `the controller failed: ${error.message}` } }, 500);
  });
  return app;
};

type EventStream = Parameters<Parameters<typeof streamSSE>[1]>[0];

/** Journal entries as they come and the status once a second, until the client goes. */
const follow = async (operations: Operations, stream: EventStream): Promise<void> => {
  const send = (event: string, value: unknown): Promise<void> =>
    stream.writeSSE({ event, data: JSON.stringify(value) });
  let unread = 0;
  const stop = operations.onJournal((entry) => {
    if (unread >= MAX_UNREAD) {
      stop();
      stream.abort();
      return;
    }
    unread += 1;
    void send('journal', entry).finally(() => (unread -= 1));
  });
  stream.onAbort(stop);
  try {
    while (!stream.aborted) {
      await send('status', operations.status([]));
      await stream.sleep(STATUS_EVERY_MS);
    }
  } finally {
    stop();
  }
};

const bodyOf = async (request: { json: () => Promise<unknown> }): Promise<unknown> => {
  try {
    return await request.json();
  } catch {
    throw new OperationError(
      'badRequest',
      'the body is not JSON; expected a command such as {"verb":"stop","names":["shop:0"]}',
    );
  }
};

const timeOf = (since: string | undefined): number | null => {
  if (since === undefined) return null;
  const time = Date.parse(since);
  if (Number.isNaN(time)) throw new OperationError('badRequest', `since: "${since}" is not an RFC 3339 time`);
  return time;
};

const limitOf = (limit: string | undefined): number => {
  if (limit === undefined) return JOURNAL_LIMIT;
  if (!/^\d{1,6}$/.test(limit)) throw new OperationError('badRequest', `limit: "${limit}" is not a number of entries`);
  return Math.min(JOURNAL_LIMIT, Number(limit));
};
