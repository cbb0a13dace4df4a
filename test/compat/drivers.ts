/** What people consume RabbitMQ with, and how each is started and fed. */
import type { Installed } from './applications.ts';

export interface Driver {
  name: string;
  /** Of applications.ts. */
  application: string;
  /** As a person would type it, for the table. */
  title: string;
  command: (queue: string) => string[];
  /** Puts the messages 0 … count-1 into the queue; null: their ids are the bodies, published by the test. */
  publish: ((queue: string, count: number) => string[]) | null;
  /** `amqp:` of workers.yaml. */
  amqp: Record<string, unknown>;
  /** What `status` has to show. */
  prefetch: number | null;
  /** `php artisan config:cache` with the broker's own address first: the gate has to be reached all the same. */
  configCached: boolean;
}

const USUAL = { amqp: {}, prefetch: null, configCached: false };

const plain = (application: string): Driver => ({
  ...USUAL,
  name: 'php-amqplib',
  application,
  title: 'basic.consume, prefetch 10',
  command: (queue) => ['php', 'worker.php', queue],
  publish: null,
  prefetch: 10,
});

const symfony = (application: string): Driver => ({
  ...USUAL,
  name: 'Symfony Messenger, ext-amqp',
  application,
  title: 'messenger:consume',
  command: () => ['php', 'console', 'messenger:consume', 'async'],
  publish: (_queue, count) => ['php', 'console', 'compat:publish', String(count)],
  amqp: { dsn: 'MESSENGER_TRANSPORT_DSN' },
  // It polls, yet ext-amqp asks for 3 on every channel.
  prefetch: 3,
});

const laravel = (application: string, changes: Pick<Driver, 'title'> & Partial<Driver>): Driver => ({
  ...USUAL,
  name: application.endsWith('own') ? 'Laravel, stand-in for the driver' : 'Laravel, laravel-queue-rabbitmq',
  application,
  command: (queue) => ['php', 'artisan', 'queue:work', 'rabbitmq', `--queue=${queue}`, '--tries=3'],
  publish: (queue, count) => ['php', 'artisan', 'compat:publish', queue, String(count)],
  ...changes,
});

const consume = (queue: string): string[] => [
  'php',
  'artisan',
  'rabbitmq:consume',
  'rabbitmq',
  `--queue=${queue}`,
  '--tries=3',
];

const clamped = { title: 'rabbitmq:consume, clamp 10', command: consume, amqp: { prefetch: 10 }, prefetch: 10 };

/** Each version with both commands. */
const laravelRows: Readonly<Record<string, (application: string) => Driver[]>> = {
  'laravel-11': (application) => [laravel(application, { title: 'queue:work' }), laravel(application, clamped)],
  'laravel-12': (application) => [
    laravel(application, { title: 'queue:work, config:cache', configCached: true }),
    laravel(application, clamped),
    laravel(application, { title: 'rabbitmq:consume (asks for 1000)', command: consume, prefetch: 1000 }),
  ],
};

/** A stand-in is tested only where the driver itself is not to be had. */
export function driversFor(applications: Readonly<Record<string, Installed>>): Driver[] {
  const isMissing = (name: string): boolean => 'missing' in (applications[name] ?? {});
  const drivers = [plain('amqplib-debian'), plain('amqplib')];
  for (const [version, rows] of Object.entries(laravelRows)) {
    drivers.push(...rows(version));
    if (isMissing(version)) drivers.push(...rows(`${version}-own`));
  }
  return [...drivers, symfony('symfony-debian'), symfony('symfony')];
}
