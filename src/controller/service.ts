/**
 * `ackwarden run` from a validated configuration to the last process gone: lock, directories, broker, journal, controller, socket,
 * signals. The caller has the terminal; this has everything else.
 */
import { dirname, join } from 'node:path';
import { authenticated } from '../api/authentication.ts';
import { listenOnSocket, listenOnTcp } from '../api/listen.ts';
import { createApp } from '../api/server.ts';
import type { Operations } from '../api/operations.ts';
import type { ReloadReply } from '../api/types.ts';
import type { Config } from '../config/types.ts';
import { monotonicMs } from '../linux/clock.ts';
import { takeLock } from '../linux/lock.ts';
import type { Lock } from '../linux/lock.ts';
import { planSinceAccepted, rememberAccepted } from './accepted.ts';
import { Bisector } from './bisect/bisector.ts';
import { BrokerHost } from './broker-host.ts';
import { Controller } from './controller.ts';
import { initName, upgradeRefusal } from './container.ts';
import { endWhenFatal } from './end-when-fatal.ts';
import { credentialsOf } from './credentials.ts';
import { readHistory } from './history.ts';
import { Holdings } from './holdings.ts';
import { Journal } from './journal.ts';
import { Listeners } from './listeners/listeners.ts';
import { reopenLogs } from './log-commands.ts';
import { operationsOf } from './operations.ts';
import { StartError, preparePlaces } from './places.ts';
import { Reloader } from './reload.ts';
import { supervisorOf } from './supervisor/supervisor.ts';
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
  /** What workers with `forward` print; `done` once it is out. */
  print: (bytes: Buffer, done: () => void) => void;
}

export interface Service {
  operations: Operations;
  /** In force at this moment. */
  config: () => Config;
  /** Drain and stop everything; `now` does not drain. May be called again to hurry. */
  shutdown: (now: boolean) => void;
  /** After an external logrotate: the shim opens all log files anew. */
  reopenLogs: () => void;
  /** Leave the shim and its workers running and end with EXIT_UPGRADE; or a sentence that tells why not. */
  upgrade: () => string | null;
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
  const holdings = new Holdings(config, held.lock);
  const startedAt = monotonicMs();
  const history = readHistory(config.journal.path);
  const journal = new Journal(config.journal);
  holdings.journal = journal;
  journal.restore(history);
  const controller = new Controller({
    config,
    changes: planSinceAccepted(config),
    journal,
    version,
    shimScript: options.shimScript,
    inherited: options.inherited,
    endpoint: () => held.broker.endpoint,
    print: options.print,
    onStep: (...told) => listeners.onStep(...told),
  });
  const listeners = new Listeners({
    config: () => controller.config,
    inherited: options.inherited,
    say: (action, rule, evidence) => void controller.scribe.say(action, rule, evidence),
  });
  let resolveEnded: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => (resolveEnded = resolve));
  const shutdown = (now: boolean): void => {
    notifyStopping();
    controller.post({ type: 'command', verb: 'shutdown', workers: [], kill: now, reason: null });
  };
  /** Listeners first: the journal still takes what they are told last. */
  const end = (): Promise<void> => {
    bisector.close();
    return listeners.close().then(() => holdings.close());
  };
  const upgrade = (): string | null => {
    const refused = upgradeRefusal({ pid: process.pid, parentPid: process.ppid, initName: initName() });
    if (refused !== null) return refused;
    controller.detach();
    // Answer the request that asked for it before the socket closes under it.
    setImmediate(() => void end().then(() => resolveEnded(EXIT_UPGRADE)));
    return null;
  };
  let fatal: string | null = null;
  const lookForFatal = !config.exitOnFatal
    ? null
    : endWhenFatal(controller, (why) => {
        fatal = why;
        shutdown(false);
      });
  let warnings = options.warnings;
  const reloader = new Reloader(controller, {
    env: options.inherited,
    applied: (found) => {
      warnings = found;
      remember(bisector.lasting(controller.config), warnings);
    },
  });
  const reload = (dryRun: boolean): ReloadReply => reloader.reload(dryRun);
  const bisector = new Bisector(controller, join(dirname(options.shimScript), 'advisories.yaml'));
  const operations = operationsOf(controller, {
    version,
    startedAt,
    warnings: () => [...warnings, ...listeners.troubles],
    shutdown,
    upgrade,
    reload,
    bisector,
  });
  const { path, mode } = config.socket;
  const supervisor = supervisorOf(controller, {
    listeners,
    shutdown: () => shutdown(false),
    reconfiguration: {
      reread: () => reloader.reread(),
      apply: (after) => void reloader.apply(after),
    },
  });
  const app = createApp(operations, supervisor);
  await holdings.serve(() => listenOnSocket(app, { path, mode, gid: held.gid }));
  await listenToNetwork(config, app, holdings);
  try {
    listeners.start();
    await controller.start();
  } catch (error) {
    controller.detach();
    await end();
    throw error;
  }
  remember(config, warnings);
  const stopWatchdog = feedWatchdog();
  notifyReady();
  lookForFatal?.();
  void controller.ended.then(async (leftByController) => {
    stopWatchdog();
    const left = [fatal, leftByController, await stopBroker(held.broker)].filter((text) => text !== null);
    for (const text of left) process.stderr.write(`ackwarden: ${text}\n`);
    await end();
    resolveEnded(left.length === 0 ? 0 : 1);
  });
  return {
    operations,
    config: () => controller.config,
    shutdown,
    upgrade,
    reopenLogs: () => reopenLogs(controller),
    ended,
  };
};

/** TCP, for who has the token. Nothing runs yet, so an address that is taken ends the run with a sentence. */
const listenToNetwork = async (
  { http }: Config,
  app: ReturnType<typeof createApp>,
  holdings: Holdings,
): Promise<void> => {
  if (http === null) return;
  try {
    holdings.network = await listenOnTcp(authenticated(app, credentialsOf(http)), http);
  } catch (error) {
    await holdings.close();
    throw new StartError((error as Error).message);
  }
};

/** Null, or what went wrong: a broker that does not end must not keep the controller from ending. */
const stopBroker = (broker: BrokerHost): Promise<string | null> =>
  broker.stop().then(
    () => null,
    (error: unknown) => `the embedded broker could not be stopped: ${(error as Error).message}`,
  );

/** The configuration is in force whether or not it can be noted down for the next controller (full disk). */
const remember = (config: Config, warnings: string[]): void => {
  try {
    rememberAccepted(config);
  } catch (error) {
    const text = `${config.stateDir}/accepted.json cannot be written (${(error as Error).message}); if workers.yaml breaks, the next run has nothing to fall back on`;
    warnings.push(text);
    process.stderr.write(`ackwarden: ${text}\n`);
  }
};
