/** `shutdown` ends when workers, shim and controller are gone, which no answer of the controller can say. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ClientError } from '../api/client-errors.ts';
import type { Client } from '../api/client.ts';
import type { Command, CommandReply } from '../api/types.ts';
import type { Context } from './context.ts';

const POLL_MS = 50;
/** After the controller's answer: its own end and the shim's take milliseconds. */
const END_TIMEOUT_MS = 30_000;

interface Identity {
  what: string;
  pid: number;
  /** Clock ticks since boot (proc(5), stat field 22): a reused pid is another process. */
  startTime: string;
}

/** State and start time of a process; null: there is none. */
function readStat(pid: number): { state: string; startTime: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in field 2 may contain anything; the last `)` ends it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
  } catch {
    // ENOENT or ESRCH: gone. With hidepid another user's process cannot be seen, and cannot be waited for.
    return null;
  }
}

function identify(what: string, pid: number | null): Identity[] {
  const stat = pid === null ? null : readStat(pid);
  return pid === null || stat === null ? [] : [{ what, pid, startTime: stat.startTime }];
}

/** A zombie has ended: that nobody reaps it (a container whose PID 1 does not) is no reason to wait. */
function isAlive({ pid, startTime }: Identity): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** Whether the controller is gone, or answers a new question. */
async function hasEnded(client: Client): Promise<boolean> {
  try {
    await client.status([]);
    return false;
  } catch (error) {
    return error instanceof ClientError && error.code === 'noController';
  }
}

/** Sends `shutdown` and waits for the end of both processes. Throws ClientError when they do not end. */
export async function awaitEnd(client: Client, command: Command, context: Pick<Context, 'now'>): Promise<CommandReply> {
  const { controller } = await client.status([]);
  const processes = [...identify('controller', controller.pid), ...identify('shim', controller.shimPid)];
  let reply: CommandReply;
  try {
    reply = await client.command(command);
  } catch (error) {
    // The controller may end before its answer is read: that is what was asked for, if it is really gone.
    if (!(error instanceof ClientError) || error.code !== 'noAnswer') throw error;
    reply = { results: [{ name: 'controller', ok: true, text: 'ended' }] };
  }
  if (!reply.results.every(({ ok }) => ok)) return reply;
  const deadline = context.now() + END_TIMEOUT_MS;
  for (;;) {
    const alive = processes.filter(isAlive);
    if (alive.length === 0 && (await hasEnded(client))) return reply;
    if (context.now() > deadline) {
      const who = alive.map(({ what, pid }) => `${what} (pid ${pid})`).join(' and ') || 'controller';
      throw new ClientError(
        'notGone',
        1,
        `the workers are stopped, but ${who} did not end within ${END_TIMEOUT_MS / 1000} s`,
      );
    }
    await delay(POLL_MS);
  }
}
