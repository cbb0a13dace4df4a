/**
 * What a change of each key costs a running fleet. One table, from which both the plan that a person reads and the question whether a
 * process is out of date (controller/fleet.ts) follow, so that they cannot disagree.
 */
import type { Tree, TreeMap } from '../effective.ts';

/**
 * `live`: holds at once, no process is touched · `roll`: holds for new processes, so the workers are replaced one after the other ·
 * `workers`: workers come or go, the others are not touched · `broker`: as `roll` where a gate leads to that broker, else as `live`.
 */
export type Cost = 'live' | 'roll' | 'workers' | 'broker';

/** Every key of a program; of maps with keys of their own (`environment`), the map. A test compares it with the schema. */
export const PROGRAM_COSTS: Readonly<Record<string, Cost>> = {
  command: 'roll',
  directory: 'roll',
  user: 'roll',
  workers: 'workers',
  firstIndex: 'workers',
  workerName: 'workers',
  environment: 'roll',
  // Its content is part of the environment.
  envFile: 'roll',
  umask: 'roll',
  nice: 'roll',
  limits: 'roll',
  stdin: 'roll',
  priority: 'live',
  after: 'live',
  // Of processes that start from now on; a living one keeps what it was started with.
  'ready.log': 'live',
  'ready.file': 'live',
  'ready.consuming': 'live',
  'ready.command': 'live',
  'ready.timeout': 'live',
  'ready.interval': 'live',
  'hooks.beforeStart': 'live',
  'hooks.afterStart': 'live',
  'hooks.beforeStop': 'live',
  'hooks.afterStop': 'live',
  'hooks.timeout': 'live',
  'hooks.onFailure': 'live',
  'start.auto': 'live',
  'start.seconds': 'live',
  'start.retries': 'live',
  'start.backoff': 'live',
  'start.restart': 'live',
  'start.exitCodes': 'live',
  'memory.soft': 'live',
  'memory.hard': 'live',
  'memory.kill': 'live',
  'memory.metric': 'live',
  'memory.growth.window': 'live',
  'memory.growth.horizon': 'live',
  'memory.growth.action': 'live',
  'cpu.limit': 'live',
  'cpu.for': 'live',
  'cpu.action': 'live',
  'lifetime.age': 'live',
  'lifetime.messages': 'live',
  'lifetime.jitter': 'live',
  'lifetime.schedule': 'live',
  'stuck.inFlight': 'live',
  'stuck.action': 'live',
  // By gate or by signal: a process has a gate from its start or never.
  'recycle.drain': 'roll',
  'recycle.overlap': 'live',
  'recycle.drainTimeout': 'live',
  'recycle.onStuckDrain': 'live',
  'recycle.settle': 'live',
  'recycle.stopSignal': 'live',
  'recycle.stopTimeout': 'live',
  'recycle.maxConcurrent': 'live',
  'recycle.budget': 'live',
  'oom.scoreAdj': 'live',
  'oom.adj': 'live',
  'oom.policy': 'live',
  'cgroup.high': 'roll',
  'cgroup.max': 'roll',
  'amqp.gate': 'roll',
  'amqp.host': 'roll',
  'amqp.port': 'roll',
  'amqp.dsn': 'roll',
  'amqp.prefetch': 'roll',
  'amqp.poison.deaths': 'roll',
  'amqp.poison.action': 'roll',
  'broker.url': 'broker',
  'broker.urls': 'broker',
  'broker.urlFile': 'broker',
  'broker.embedded': 'broker',
  'broker.tls.ca': 'broker',
  'broker.tls.cert': 'broker',
  'broker.tls.key': 'broker',
  'broker.tls.verify': 'broker',
  'broker.tls.serverName': 'broker',
  'php.disableExtensions': 'roll',
  'php.ini': 'roll',
  'stdout.path': 'roll',
  'stdout.maxSize': 'live',
  'stdout.backups': 'live',
  'stdout.daily': 'live',
  'stdout.compress': 'live',
  'stdout.format': 'roll',
  'stdout.forward': 'roll',
  'stdout.timestamps': 'roll',
  'stdout.prefix': 'roll',
  'stdout.stripAnsi': 'roll',
  stderr: 'roll',
  'stderr.path': 'roll',
  'stderr.maxSize': 'live',
  'stderr.backups': 'live',
  'stderr.daily': 'live',
  'stderr.compress': 'live',
  'stderr.format': 'roll',
  'stderr.forward': 'roll',
  'stderr.timestamps': 'roll',
  'stderr.prefix': 'roll',
  'stderr.stripAnsi': 'roll',
};

/** Maps whose keys are the user's own. */
const OPEN_MAPS = ['environment', 'limits', 'php.ini'];

/** The row of a key; a key without one costs new processes, which is never wrong. */
export const costOf = (key: string): Cost => {
  const row = PROGRAM_COSTS[key] ?? PROGRAM_COSTS[OPEN_MAPS.find((map) => key.startsWith(`${map}.`)) ?? ''];
  return row ?? 'roll';
};

/** A tree as its leaves: dotted key → value. Lists are leaves, and so are empty maps of nothing. */
export const leavesOf = (tree: TreeMap, prefix = ''): Map<string, Tree> => {
  const leaves = new Map<string, Tree>();
  for (const [name, value] of Object.entries(tree)) {
    const key = `${prefix}${name}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) leaves.set(key, value);
    else for (const [below, leaf] of leavesOf(value, `${key}.`)) leaves.set(below, leaf);
  }
  return leaves;
};
