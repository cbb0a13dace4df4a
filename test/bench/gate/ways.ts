/**
 * Three ways to one broker, an agent at the end of each: directly, through a plain forwarder, and through the gate, which is that of a
 * worker of a whole installation (`ackwarden run` from dist/). The forwarder runs with the flags of the shim. Each process has a session of its
 * own, as those of ackwarden have: the kernel shares out processors by session (sched_autogroup), and who is woken soon gets smaller chunks.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { FRUGAL } from '../../../src/controller/shim-process.ts';
import { openSite } from '../../e2e/gate/site.ts';
import type { Site as Messages } from '../../e2e/gate/site.ts';
import type { Site } from '../../e2e/controller/site.ts';
import { going, onEnd } from '../cleanup.ts';
import { beside } from '../files.ts';
import { prepare, shimPid } from '../ours.ts';
import { Agents } from './agent.ts';
import type { Agent } from './agent.ts';

export interface Way {
  name: 'direct' | 'forwarder' | 'gate';
  agent: Agent;
  /** The process that carries the bytes; null: none. */
  pid: number | null;
}

export interface Ways {
  messages: Messages;
  site: Site;
  direct: Way;
  forwarder: Way;
  gate: Way;
}

/** All with their agents there. @param programs further programs of the installation */
export const openWays = async (programs: Record<string, unknown> = {}): Promise<Ways> => {
  going();
  const messages = await openSite();
  onEnd(() => messages.close());
  const agents = await Agents.listen(join(messages.dir, 'agents.sock'));
  const { port } = messages.broker;
  const forwarder = await startForwarder(port);
  const gated = agents.next('gate');
  const { site } = prepare({
    agent: {
      command: ['php', beside('agent.php'), agents.path, 'gate'],
      environment: environmentOf(messages, port),
      start: { seconds: '100ms' },
      amqp: {},
    },
    ...programs,
  });
  await site.run();
  const gate: Way = { name: 'gate', agent: await gated, pid: await shimPid(site) };
  return {
    messages,
    site,
    direct: { name: 'direct', agent: await startAgent(agents, 'direct', environmentOf(messages, port)), pid: null },
    forwarder: {
      name: 'forwarder',
      agent: await startAgent(agents, 'forwarder', environmentOf(messages, forwarder.port)),
      pid: forwarder.pid,
    },
    gate,
  };
};

export const environmentOf = ({ broker }: Messages, port: number): Record<string, string> => {
  const { username, password } = new URL(broker.url);
  return {
    RABBITMQ_HOST: '127.0.0.1',
    RABBITMQ_PORT: String(port),
    RABBITMQ_USER: username,
    RABBITMQ_PASSWORD: password,
  };
};

const startAgent = async (agents: Agents, name: string, environment: Record<string, string>): Promise<Agent> => {
  const come = agents.next(name);
  const child = spawn('php', [beside('agent.php'), agents.path, name], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
    detached: true,
  });
  onEnd(() => ended(child));
  return come;
};

const startForwarder = async (upstream: number): Promise<{ pid: number; port: number }> => {
  const child = spawn(process.execPath, [...FRUGAL, beside('forwarder.mjs'), String(upstream)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  onEnd(() => ended(child));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: child.pid ?? 0, port: Number(said.toString()) };
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};
