/** The life of a shim process: lock, orphans, socket, signals, end. */
import { rmSync, rmdirSync } from 'node:fs';
import { readBootIdentity } from '../linux/boot.ts';
import { takeLock } from '../linux/lock.ts';
import { Accounts } from './accounts.ts';
import type { ShimArguments } from './arguments.ts';
import { ControllerLink } from './controller-link.ts';
import { layOut, makeRecords } from './directories.ts';
import type { Directories } from './directories.ts';
import { Facts } from './facts.ts';
import { FifoPool } from './fifo-pool.ts';
import { Forwarder } from './forwarder.ts';
import type { LogTrouble } from './log-open.ts';
import { LogRegistry } from './log-registry.ts';
import { stopOrphans } from './orphans.ts';
import { PoisonTables } from './poison-tables.ts';
import { Sampler } from './sampler.ts';
import { Shim } from './shim.ts';
import { shimLog } from './shim-log.ts';
import type { SpawnContext } from './spawn-context.ts';
import { SpawnQueue } from './spawn-queue.ts';
import { StarvingClamps } from './starving-clamps.ts';
import { NodeMemory } from '../gate/upstream.ts';
import { Sweeper } from './sweeper.ts';
import { findTools } from './tools.ts';

/** Exit statuses of the shim. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_LOCKED = 3;

const FLUSH_MS = 2000;

/** Run until the end; the exit status. Throws a sentence when it cannot start. */
export async function runShim(shimArguments: ShimArguments): Promise<number> {
  const directories = layOut(shimArguments.stateDir, shimArguments.slot);
  const lock = takeLock(directories.lock);
  if (lock === null) {
    shimLog(`Another shim holds ${directories.lock}: this one is not needed and ends.`);
    return EXIT_LOCKED;
  }
  const boot = readBootIdentity();
  const stopped = await stopOrphans(directories, boot);
  makeRecords(directories);

  const { shim, link, context } = assemble(shimArguments, directories, boot);
  await context.fifos.fill();
  if (stopped.orphans.length > 0) {
    const incarnations = stopped.orphans.map(({ incarnation, pid }) => ({ incarnation, pid }));
    context.facts.add({ kind: 'orphansStopped', incarnations, tookMs: stopped.tookMs });
  }
  const ended = new Promise<void>((settle) => {
    shim.onEmpty(settle);
  });
  process.on('SIGTERM', () => shim.end());
  process.on('SIGUSR1', () => context.logs.reopen());
  await link.listen(directories.socket);
  await ended;
  await finish(link, context);
  return 0;
}

function assemble(
  { samplingMs }: ShimArguments,
  directories: Directories,
  boot: SpawnContext['boot'],
): { shim: Shim; link: ControllerLink; context: SpawnContext } {
  // The parts call each other, so each gets functions that look the others up when they are called.
  const facts = new Facts(
    (fact) => link.sendFact(fact),
    () => link.isAttached,
  );
  const sampler = new Sampler(samplingMs, {
    crossed: (crossing) => shim.crossed(crossing),
    samples: (message) => link.sendSamples(message),
    wantsSamples: () => link.wantsSamples,
  });
  const report = (trouble: LogTrouble): void => facts.add({ kind: 'logTrouble', ...trouble });
  const context: SpawnContext = {
    boot,
    directories,
    tools: findTools(),
    accounts: new Accounts(),
    fifos: new FifoPool(directories.fifo),
    logs: new LogRegistry(report),
    forwarder: new Forwarder({ send: (seq, bytes) => link.sendOutput(seq, bytes), report }),
    facts,
    clamps: new StarvingClamps(),
    poison: new PoisonTables(),
    sampler,
    sweeper: new Sweeper(directories.life, (incarnation) => shim.isLiving(incarnation)),
    queue: new SpawnQueue(() => sampler.hasGates),
    nodes: new NodeMemory(),
  };
  const shim = new Shim(context);
  const link = new ControllerLink({
    hello: () => shim.hello(),
    attached: () => context.forwarder.attached(),
    command: (command, answer) => shim.command(command, answer),
  });
  return { shim, link, context };
}

/** Everything is gone: leave nothing behind. The lock goes with the process. */
async function finish(link: ControllerLink, context: SpawnContext): Promise<void> {
  const { directories, sampler, sweeper, logs, forwarder } = context;
  sampler.close();
  await sweeper.sweepNow();
  const late = new Promise((settle) => setTimeout(settle, FLUSH_MS));
  await Promise.race([Promise.all([logs.flush(), forwarder.flushed()]), late]);
  await logs.end();
  rmSync(directories.socket, { force: true });
  await link.close(FLUSH_MS);
  rmSync(directories.fifo, { recursive: true, force: true });
  rmSync(directories.records, { recursive: true, force: true });
  removeIfEmpty(directories.incarnations);
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    shimLog(`${path} stays: ${String(error)}`);
  }
}
