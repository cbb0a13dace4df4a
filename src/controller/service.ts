/**
 * `ackwarden run` from a validated configuration to the last process gone: lock, directories, broker, journal, controller, socket,
 * signals. The caller has the terminal; this has everything else.
 */
import { unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { listen } from '../api/server.ts';
import type { Operations } from '../api/operations.ts';
import type { Config } from '../config/types.ts';
import { monotonicMs } from '../linux/clock.ts';
import { takeLock } from '../linux/lock.ts';
import type { Lock } from '../linux/lock.ts';
import { rememberAccepted } from './accepted.ts';
import { BrokerHost } from './broker-host.ts';
import { Controller } from './controller.ts';
import { readHistory } from './history.ts';
import { Journal } from './journal.ts';
import { operationsOf } from './operations.ts';
import { StartError, preparePlaces } from './places.ts';
import { feedWatchdog, notifyReady, notifyStopping } from './systemd.ts';

/** sysexits(3) has no word for it; systemd and container loops start us again on this status (docs/design.md, section 2). */
export const EXIT_UPGRADE = 75;

export interface ServiceOptions {
  config: Config;
  /** What `status` warns of, besides what the controller itself finds. */
  warnings: string[];
  version: string;
  shimScript: string;
  inherited: NodeJS.ProcessEnv;
  /** Aborted when the person gave up before everything was up. */
  cancelled: AbortSignal;
  /** Progress before there is a journal, for the person in front of the terminal. */
  say: (text: string) => void;
}

export interface Service {
  operations: Operations;
  /** Drain and stop everything; `now` does not drain. May be called again to hurry. */
  shutdown: (now: boolean) => void;
  /** Leave the shim and its workers running and end with EXIT_UPGRADE. */
  upgrade: () => void;
  /** Exit code, once all is over. */
  ended: Promise<number>;
}

/** @throws StartError when it cannot run here */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const { config } = options;
  const gid = preparePlaces(config);
  const lock = lockOrExplain(config);
  const broker = new BrokerHost(config, options.say, options.cancelled);
  try {
    await broker.start();
    return await runLocked(options, { gid, lock, broker });
  } catch (error) {
    await broker.stop();
    lock.release();
    throw error;
  }
};

const lockOrExplain = (config: Config): Lock => {
  const lock = takeLock(join(config.stateDir, 'controller.lock'));
  if (lock !== null) return lock;
  throw new StartError(
    `another controller runs on ${config.stateDir}; see it with \`ackwarden status\`, end it with \`ackwarden shutdown\`, or give this one its own stateDir`,
  );
};

interface Held {
  gid: number | null;
  lock: Lock;
  broker: BrokerHost;
}

const runLocked = async (options: ServiceOptions, held: Held): Promise<Service> => {
  const { config, version } = options;
  const startedAt = monotonicMs();
  const history = readHistory(config.journal.path);
  const journal = new Journal(config.journal);
  journal.restore(history);
  const controller = new Controller({
    config,
    journal,
    version,
    shimScript: options.shimScript,
    inherited: options.inherited,
    endpoint: () => held.broker.endpoint,
  });
  let resolveEnded: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => (resolveEnded = resolve));
  const shutdown = (now: boolean): void => {
    notifyStopping();
    controller.post({ type: 'command', verb: 'shutdown', workers: [], kill: now, reason: null });
  };
  let server: Server | null = null;
  const upgrade = (): void => {
    controller.detach();
    // Answer the request that asked for it before the socket closes under it.
    setImmediate(() => void close(server, config, journal, held.lock).then(() => resolveEnded(EXIT_UPGRADE)));
  };
  const warnings = (): string[] => options.warnings;
  const operations = operationsOf(controller, { version, startedAt, warnings, shutdown, upgrade });
  server = await listen(operations, { path: config.socket.path, mode: config.socket.mode, gid: held.gid });
  await controller.start();
  rememberAccepted(config);
  const stopWatchdog = feedWatchdog();
  notifyReady();
  void controller.ended.then(async () => {
    stopWatchdog();
    await held.broker.stop();
    await close(server, config, journal, held.lock);
    resolveEnded(0);
  });
  return { operations, shutdown, upgrade, ended };
};

const close = async (server: Server | null, config: Config, journal: Journal, lock: Lock): Promise<void> => {
  // Whoever waits for a shutdown still gets the answer that it is over.
  await new Promise((resolve) => setTimeout(resolve, 50));
  server?.closeAllConnections();
  server?.close();
  try {
    unlinkSync(config.socket.path);
  } catch {
    // Nothing to remove is what was wanted.
  }
  journal.close();
  lock.release();
};
