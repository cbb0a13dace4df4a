/** `ackwarden journal [-f] [--since WHEN] [-n LINES] [NAME]`. */
import type { Client } from '../api/client.ts';
import type { JournalEntry } from '../api/types.ts';
import { painter } from './colour.ts';
import type { Context, GlobalOptions } from './context.ts';
import { entryLines } from './sentence.ts';
import { parseSince } from './since.ts';
import { connect } from './target.ts';

export interface JournalOptions {
  follow: boolean;
  since: string | null;
  /** Newest entries to show; null: 50 where no `--since` was given, all that the controller has otherwise. */
  limit: number | null;
  name: string | null;
}

const DEFAULT_LIMIT = 50;
/** Ids of shown entries that are kept to recognise their outcome. */
const REMEMBERED = 10_000;

type Show = (entry: JournalEntry) => void;

/** Shows an entry once, and its outcome once when it comes later. */
function presenter(options: GlobalOptions, context: Context): Show {
  const shown = new Map<string, 'open' | 'closed'>();
  return (entry) => {
    const before = shown.get(entry.id);
    const state = entry.outcome === null ? 'open' : 'closed';
    if (before === 'closed' || before === state) return;
    shown.set(entry.id, state);
    if (shown.size > REMEMBERED) shown.delete(shown.keys().next().value ?? '');
    if (options.json) {
      context.stdout.write(`${JSON.stringify(entry)}\n`);
      return;
    }
    const { columns, colour, unicode } = context.stdout.terminal;
    const look = { columns, unicode, paint: painter(colour), dated: true };
    context.stdout.write(`${entryLines(entry, look, before === 'open' ? 'outcome' : 'entry').join('\n')}\n`);
  };
}

/** Whether an entry is about NAME, which the server resolves (worker, program, group) once, at the start. */
async function filterFor(client: Client, name: string | null): Promise<(entry: JournalEntry) => boolean> {
  if (name === null || name === 'all') return () => true;
  const { workers } = await client.status([name]);
  const names = new Set(workers.map((worker) => worker.name));
  const program = name.replace(/:\*$/, '');
  return (entry) =>
    entry.worker === null ? entry.program === program : names.has(entry.worker) || entry.program === program;
}

const nothing = (): void => undefined;

async function followJournal(
  client: Client,
  query: Parameters<Client['journal']>[0],
  show: Show,
  signal: AbortSignal,
): Promise<void> {
  const wanted = await filterFor(client, query.name ?? null);
  // Entries that arrive while the past is being read wait: `null` once it was shown.
  let waiting: JournalEntry[] | null = [];
  let resolve = nothing;
  const opened = new Promise<void>((done) => {
    resolve = done;
  });
  const live = (async () => {
    for await (const event of client.events({ signal, onOpen: () => resolve() })) {
      if (event.event !== 'journal' || !wanted(event.entry)) continue;
      if (waiting === null) show(event.entry);
      else waiting.push(event.entry);
    }
  })();
  // Whichever comes first: a stream that cannot be opened must not leave us waiting for it.
  await Promise.race([opened, live]);
  if (!signal.aborted) for (const entry of await client.journal(query)) show(entry);
  for (const entry of waiting) show(entry);
  waiting = null;
  await live;
}

export async function showJournal(wanted: JournalOptions, options: GlobalOptions, context: Context): Promise<number> {
  const since = wanted.since === null ? null : parseSince(wanted.since, context.now());
  const client = await connect(options, context);
  const limit = wanted.limit ?? (since === null ? DEFAULT_LIMIT : null);
  const query = {
    ...(since === null ? {} : { since }),
    ...(limit === null ? {} : { limit }),
    ...(wanted.name === null ? {} : { name: wanted.name }),
  };
  const show = presenter(options, context);
  if (wanted.follow) await followJournal(client, query, show, context.interrupted());
  else for (const entry of await client.journal(query)) show(entry);
  return 0;
}
