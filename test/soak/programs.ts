/** The programs of a soak: one worker of each kind that test/corpus/record knows, healthy and leaking, each at a queue of its own. */
import { join } from 'node:path';
import type { EmbeddedBroker } from '../../src/broker/embedded.ts';

const HEALTHY =
  'steady heavyTail cycles batches spikes fork documents bigThenSmall inFlight warmUp cache classes steps fragments requests';
const LEAKING =
  'static bursts listeners identityMap uncollected late twoSlopes nativeMalloc nativeDocuments helper streams';
/** A second worker that leaks natively: it ignores SIGTERM. */
export const DEAF = 'leaking-deaf';

const SOFT_MIB = 128;
/** What a fresh worker has below its soft ceiling. */
const ROOM_BYTES = (SOFT_MIB - 32) * 1024 * 1024;
/** A leaker that nobody stops passes its ceiling so often. */
const TIMES = 3;

export interface Plan {
  minutes: number;
  /** Messages a second and queue, in the mean. */
  perSecond: number;
  seed: number;
  log: string;
  broker: EmbeddedBroker;
}

/** `healthy-KIND` and `leaking-KIND`: the `programs:` of workers.yaml. */
export const programsOf = (plan: Plan): Record<string, unknown> =>
  Object.fromEntries([
    ...HEALTHY.split(' ').map((kind) => [
      `healthy-${kind}`,
      program(plan, { name: `healthy-${kind}`, kind, softMib: 224 }),
    ]),
    ...LEAKING.split(' ').map((kind) => [
      `leaking-${kind}`,
      program(plan, { name: `leaking-${kind}`, kind, softMib: SOFT_MIB }),
    ]),
    [DEAF, program(plan, { name: DEAF, kind: 'nativeMalloc', softMib: SOFT_MIB, deaf: true })],
  ]) as Record<string, unknown>;

export const isLeaking = (program: string): boolean => program.startsWith('leaking-');

interface Worker {
  name: string;
  kind: string;
  softMib: number;
  deaf?: boolean;
}

const program = (plan: Plan, { name, kind, softMib, deaf = false }: Worker): unknown => {
  const { minutes, perSecond, seed, log, broker } = plan;
  const { username, password, hostname, port } = new URL(broker.url);
  const bytes = Math.round((ROOM_BYTES * TIMES) / (minutes * 60 * perSecond));
  const script = join(import.meta.dirname, 'worker.php');
  return {
    command: ['php', script, name, kind, seed, bytes, log, ...(deaf ? ['deaf'] : [])].map(String),
    environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port, RABBITMQ_USER: username, RABBITMQ_PASSWORD: password },
    memory: {
      soft: `${softMib}MiB`,
      hard: `${softMib * 2}MiB`,
      // The default looks 20 minutes back and 10 ahead, which suits leaks of hours.
      growth: {
        window: seconds(Math.min(20, minutes / 3)),
        horizon: seconds(Math.min(10, minutes / 6)),
        action: 'recycle',
      },
    },
    recycle: { stopTimeout: '5s' },
    amqp: { gate: true },
  };
};

const seconds = (minutes: number): string => `${Math.round(minutes * 60)}s`;
