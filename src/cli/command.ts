/** `start stop restart recycle signal shutdown` and `logs --reopen`: one command to the controller, one line a result. */
import { userInfo } from 'node:os';
import type { Client } from '../api/client.ts';
import type { Command, CommandReply, Status } from '../api/types.ts';
import { painter } from './colour.ts';
import type { Context, GlobalOptions } from './context.ts';
import { stripControls } from './plain.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { awaitEnd } from './shutdown-end.ts';
import { connect } from './target.ts';
import { wrap } from './width.ts';

const POLL_MS = 1000;

/** `3 still stopping: shop:0, shop:1, …`, from the statuses of the asked-for workers; null when nothing is under way. Pure. */
export function progressText(status: Status, verb: Command['verb']): string | null {
  const busy = status.workers.filter(({ state, leaving, replacement }) => {
    const moving = state === 'STOPPING' || state === 'DRAINING' || leaving.length > 0;
    if (verb === 'stop' || verb === 'shutdown') return moving;
    return moving || replacement !== null || state === 'STARTING' || state === 'BACKOFF';
  });
  if (busy.length === 0) return null;
  const names = busy.map((worker) => {
    const phase = worker.leaving[0]?.phase ?? worker.state.toLowerCase();
    return `${worker.name} ${phase}${worker.inFlight === null || worker.inFlight === 0 ? '' : ` (${worker.inFlight} in flight)`}`;
  });
  return `waiting for ${busy.length}: ${names.join(', ')}`;
}

/** Asks once a second while the command runs; a status that fails says nothing about the command, so it is left out. */
function startProgress(client: Client, command: Command, progress: Progress): () => void {
  let ended = false;
  let asking = false;
  const tick = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      const status = await client.status(command.names);
      if (!ended) progress.show(progressText(status, command.verb));
    } catch {
      if (!ended) progress.show(null);
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void tick(), POLL_MS);
  return () => {
    ended = true;
    clearInterval(timer);
    progress.clear();
  };
}

export function resultLines(reply: CommandReply, columns: number, colour: boolean): string[] {
  const paint = painter(colour);
  return reply.results.flatMap(({ name, ok, text }) => {
    const [first = '', ...rest] = wrap(`${stripControls(name)}: ${stripControls(text)}`, columns);
    return [first, ...rest.map((line) => `  ${line}`)].map((line) => paint(ok ? 'green' : 'red', line));
  });
}

async function send(client: Client, command: Command, options: GlobalOptions, context: Context): Promise<CommandReply> {
  const watched = context.stderr.terminal.tty && !options.json && command.wait !== false;
  const stop = watched ? startProgress(client, command, createProgress(context.stderr)) : () => undefined;
  try {
    return command.verb === 'shutdown' && command.wait !== false
      ? await awaitEnd(client, command, context)
      : await client.command(command);
  } finally {
    stop();
  }
}

/** Who asks: behind sudo(8) the person, not root. Null: this uid has no account, as in some containers. */
function accountName(env: Context['env']): string | null {
  const person = env['SUDO_USER'];
  if (person !== undefined && person !== '') return person;
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

export async function sendCommand(asked: Command, options: GlobalOptions, context: Context): Promise<number> {
  const client = await connect(options, context);
  const by = accountName(context.env);
  const reply = await send(client, by === null ? asked : { ...asked, by }, options, context);
  if (options.json) context.stdout.write(`${JSON.stringify(reply)}\n`);
  else {
    const { columns, colour } = context.stdout.terminal;
    const lines = resultLines(reply, columns, colour);
    if (lines.length > 0) context.stdout.write(`${lines.join('\n')}\n`);
  }
  return reply.results.every(({ ok }) => ok) ? 0 : 1;
}
