/** The schema of a broker: exactly one way to it (checked after merging). */
import { boolean, hostName, path, url } from './kinds.ts';
import { key, list, optionalKey, optionalMap } from './leaf.ts';

const AMQP_URL = url(['amqp', 'amqps'], 'amqp://guest:guest@127.0.0.1:5672/');

const tls = optionalMap(
  {
    ca: optionalKey(path, {
      description:
        'PEM file of the authorities that may have signed the certificate of the broker; relative to the directory of workers.yaml.',
      defaultText: 'the public authorities that Node knows',
      example: '/etc/ackwarden/ca.pem',
    }),
    cert: optionalKey(path, {
      description:
        'PEM file of the certificate that is shown to the broker (mTLS), with those that signed it after it.',
      example: '/etc/ackwarden/client.pem',
    }),
    key: optionalKey(path, {
      description:
        'PEM file of the private key of `cert`, without a passphrase; read by the user of ackwarden, never by a worker.',
      example: '/etc/ackwarden/client.key',
    }),
    verify: key(boolean, {
      description: 'false: whoever answers is taken for the broker, and gets its passwords.',
      default: 'true',
    }),
    serverName: optionalKey(hostName, {
      description: 'Name that is asked for (SNI) and expected in the certificate of the broker.',
      defaultText: 'the host',
      example: 'rabbit.internal',
    }),
  },
  {
    description:
      'How the gate and our own probe speak TLS to a broker of amqps://; the leg of the worker stays plain, on loopback.',
    example: '{ ca: /etc/ackwarden/ca.pem }',
  },
);

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
        description: 'AMQP URLs of the nodes of one broker, tried in order, those that did not answer last.',
        example: '["amqp://a.example:5672/", "amqp://b.example:5672/"]',
        secret: true,
      }),
      embedded: key(boolean, {
        description: 'Run a private rabbitmq-server on loopback ports, with its data under dataDir.',
        default: 'false',
        example: 'true',
      }),
      tls,
    },
    {
      description: `${description} Exactly one of url, urlFile, urls and embedded.`,
      example: '{ url: "amqp://guest:guest@127.0.0.1:5672/" }',
    },
  );
}
