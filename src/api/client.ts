/**
 * The controller's API (types.ts) over its unix socket, for commands. `node:http` only: a client command must start quickly.
 * Every error is a ClientError: a sentence with its exit code.
 */
import { request } from 'node:http';
import { createConnection } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { ClientError, connectError } from './client-errors.ts';
import { createEventStreamReader } from './event-stream.ts';
import type { BisectReport, BisectRequest } from './bisect-types.ts';
import type {
  Command,
  CommandReply,
  Explanation,
  JournalEntry,
  LogFiles,
  ReloadReply,
  Status,
  WorkerTrace,
} from './types.ts';

/** Reading questions are answered from memory; one that takes longer than this hangs. */
const READ_TIMEOUT_MS = 20_000;
/** Before a bisect PHP is asked three times for each suspect, and may take 5 s each time. */
const BISECT_TIMEOUT_MS = 600_000;
/** Status of a thousand workers is under 2 MiB, a journal page under 16. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export type ApiEvent = { event: 'journal'; entry: JournalEntry } | { event: 'status'; status: Status };

export interface JournalQuery {
  /** RFC 3339. */
  since?: string;
  name?: string;
  limit?: number;
}

export interface Client {
  status(names: readonly string[]): Promise<Status>;
  journal(query: JournalQuery): Promise<JournalEntry[]>;
  /** `of`: a NAME or the id of an entry; null: everything that is not as it should be. */
  explain(of: string | null): Promise<Explanation>;
  logs(name: string): Promise<LogFiles>;
  trace(name: string): Promise<WorkerTrace>;
  /** Ends when the command has (minutes, with a long drain): no timeout. */
  command(command: Command): Promise<CommandReply>;
  reload(options: { dryRun: boolean }): Promise<ReloadReply>;
  /** Takes as long as its PHP takes to answer. */
  beginBisect(request: BisectRequest): Promise<BisectReport>;
  bisect(): Promise<BisectReport>;
  endBisect(): Promise<BisectReport>;
  /**
   * Journal entries and statuses as they come, until `signal` is aborted (ends without an error) or the controller goes away
   * (throws). The connection is open once the first `next()` resolves or `onOpen` was called.
   */
  events(options: { signal: AbortSignal; onOpen?: () => void }): AsyncGenerator<ApiEvent, void, undefined>;
}

export interface ClientOptions {
  socketPath: string;
  /** Named in the advice when no controller runs. */
  configuration: string | null;
  readTimeoutMs?: number;
}

interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  /** Silence for longer than this is an error; null waits for ever. */
  timeoutMs: number | null;
  signal?: AbortSignal;
}

function query(path: string, parameters: readonly (readonly [string, string | undefined])[]): string {
  const search = new URLSearchParams();
  for (const [key, value] of parameters) if (value !== undefined) search.append(key, value);
  const text = search.toString();
  return `/api/v1/${path}${text === '' ? '' : `?${text}`}`;
}

/** Sends one request; resolves with the response head. */
function open(options: ClientOptions, asked: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const body = asked.body === undefined ? null : JSON.stringify(asked.body);
    const outgoing = request({
      method: asked.method,
      path: asked.path,
      headers: {
        host: 'localhost',
        accept: 'application/json',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      // Not by an agent: it checks host names with a regular expression that takes 12 ms to compile.
      createConnection: () => createConnection(options.socketPath),
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    });
    if (asked.timeoutMs !== null) {
      const seconds = Math.round(asked.timeoutMs / 100) / 10;
      const text = `the controller did not answer within ${seconds} s; it may be stopped (state T in \`ps\`) or overloaded`;
      outgoing.setTimeout(asked.timeoutMs, () => outgoing.destroy(new ClientError('noAnswer', 1, text)));
    }
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => {
      reject(error instanceof ClientError ? error : connectError(error, options.socketPath, options.configuration));
    });
    outgoing.end(body ?? undefined);
  });
}

/** By events: the async iterator of a stream takes 4 ms to load. */
function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_BODY_BYTES) return;
      response.destroy(new ClientError('badAnswer', 1, 'the controller answered with more than 64 MiB; ask for less'));
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', (error) => {
      if (error instanceof ClientError) reject(error);
      else reject(new ClientError('noAnswer', 1, 'the controller ended in the middle of its answer', { cause: error }));
    });
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The server's own sentence where it sent one. 400 and 404 (no such name) are what was typed, so exit 2. */
function serverError(statusCode: number, body: unknown): ClientError {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
  const code = typeof error['code'] === 'string' ? error['code'] : `http${statusCode}`;
  const text =
    typeof error['text'] === 'string' ? error['text'] : `the controller answered with HTTP status ${statusCode}`;
  return new ClientError(code, statusCode === 400 || statusCode === 404 ? 2 : 1, text);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const advice = 'is the controller of another version? compare `ackwarden --version` with `status`';
    throw new ClientError('badAnswer', 1, `the controller's answer to ${what} is not JSON; ${advice}`, {
      cause: error,
    });
  }
}

/** The shape of what our own controller sends is its contract (types.ts), tested there; this only names it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it is what names the shape
function contract<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return value as T;
}

/** JSON of the answer, checked to be an object with `field`: the contract proper is the server's tests' concern. */
async function call<T>(options: ClientOptions, asked: Call, field: string): Promise<T> {
  const response = await open(options, asked);
  const text = await readBody(response);
  const statusCode = response.statusCode ?? 0;
  if (statusCode < 200 || statusCode > 299) {
    const body: unknown = text.startsWith('{') ? parse(text, asked.path) : null;
    throw serverError(statusCode, body);
  }
  const body = parse(text, asked.path);
  if (!isRecord(body) || !(field in body)) {
    throw new ClientError(
      'badAnswer',
      1,
      `the controller's answer to ${asked.path} has no ${field}; is it of another version?`,
    );
  }
  return contract<T>(body);
}

function toApiEvent(event: string, data: string): ApiEvent | null {
  if (event === 'journal') return { event, entry: contract(parse(data, 'events')) };
  if (event === 'status') return { event, status: contract(parse(data, 'events')) };
  // A newer controller may send more kinds.
  return null;
}

async function* events(
  options: ClientOptions,
  { signal, onOpen }: { signal: AbortSignal; onOpen?: () => void },
): AsyncGenerator<ApiEvent, void, undefined> {
  const lost = 'the controller ended the event stream; look at `ackwarden status`';
  try {
    const response = await open(options, { method: 'GET', path: query('events', []), timeoutMs: null, signal });
    if (response.statusCode !== 200)
      throw serverError(response.statusCode ?? 0, parse(await readBody(response), 'events'));
    onOpen?.();
    const reader = createEventStreamReader();
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const { event, data } of reader.push(chunk)) {
        const known = toApiEvent(event, data);
        if (known !== null) yield known;
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ClientError) throw error;
    throw new ClientError('noAnswer', 1, lost, { cause: error });
  }
  if (!signal.aborted) throw new ClientError('noAnswer', 1, lost);
}

export function createClient(options: ClientOptions): Client {
  const timeoutMs = options.readTimeoutMs ?? READ_TIMEOUT_MS;
  const get = <T>(path: string, field: string): Promise<T> =>
    call<T>(options, { method: 'GET', path, timeoutMs }, field);
  return {
    status: (names) =>
      get(
        query(
          'status',
          names.map((name) => ['name', name]),
        ),
        'workers',
      ),
    async journal({ since, name, limit }) {
      const path = query('journal', [
        ['since', since],
        ['name', name],
        ['limit', limit === undefined ? undefined : String(limit)],
      ]);
      return (await get<{ entries: JournalEntry[] }>(path, 'entries')).entries;
    },
    explain: (of) => get(query('explain', [['of', of ?? undefined]]), 'entries'),
    logs: (name) => get(query('logs', [['name', name]]), 'stdout'),
    trace: (name) => get(query('trace', [['name', name]]), 'rows'),
    command: (command) =>
      call(options, { method: 'POST', path: '/api/v1/commands', body: command, timeoutMs: null }, 'results'),
    reload: (body) => call(options, { method: 'POST', path: '/api/v1/reload', body, timeoutMs }, 'plan'),
    beginBisect: (body) =>
      call(options, { method: 'POST', path: '/api/v1/bisect', body, timeoutMs: BISECT_TIMEOUT_MS }, 'conclusion'),
    bisect: () => get(query('bisect', []), 'conclusion'),
    endBisect: () => call(options, { method: 'POST', path: '/api/v1/bisect/end', timeoutMs }, 'conclusion'),
    events: (streamOptions) => events(options, streamOptions),
  };
}
