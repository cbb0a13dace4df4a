/** The schema of a broker: exactly one of its keys (checked after merging). */
import { boolean, path, url } from './kinds.ts';
import { key, list, optionalKey, optionalMap } from './leaf.ts';

const AMQP_URL = url(['amqp', 'amqps'], 'amqp://guest:guest@127.0.0.1:5672/');

/** @param description one sentence that says whose broker it is. */
export function broker(description: string) {
  return optionalMap(
    {
      url: optionalKey(AMQP_URL, {
        description: 'AMQP URL of the broker; masked wherever it is shown.',
        example: 'amqp://guest:guest@127.0.0.1:5672/',
        secret: true,
      }),
      urlFile: optionalKey(path, {
        description: 'File whose only line is the AMQP URL; relative to the directory of workers.yaml.',
        example: '/etc/ackwarden/broker-url',
      }),
      urls: list(AMQP_URL, {
        description: 'AMQP URLs of the nodes of one broker, tried in order.',
        example: '["amqp://a.example:5672/", "amqp://b.example:5672/"]',
        secret: true,
      }),
      embedded: key(boolean, {
        description: 'Run a private rabbitmq-server on loopback ports, with its data under dataDir.',
        default: 'false',
        example: 'true',
      }),
    },
    {
      description: `${description} Exactly one of its keys.`,
      example: '{ url: "amqp://guest:guest@127.0.0.1:5672/" }',
    },
  );
}
