import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configOf, folder, problemsOf, shop, write } from './files.ts';

describe('files of TLS', () => {
  it('are named by paths from workers.yaml, and what is in them stays there', () => {
    write('client.key', 'hunter2\n');
    const tls = 'tls: { ca: client.key, cert: client.key, key: client.key, serverName: mq }';
    const config = configOf(`broker: { url: "amqps://h/", ${tls} }\n${shop('')}`);
    const path = join(folder, 'client.key');
    const tlsConfig = { ca: path, cert: path, key: path, verify: true, serverName: 'mq' };
    expect(config.broker).toEqual({ kind: 'url', urls: ['amqps://h/'], tls: tlsConfig });
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  it('have to be there', () => {
    const tls = 'tls: { ca: none.pem, cert: ., key: none.key }';
    expect(problemsOf(`broker: { url: "amqps://h/", ${tls} }\n${shop('')}`)).toEqual([
      'workers.yaml:1:41: broker.tls.ca: found none.pem: no such file, expected a readable text file',
      expect.stringMatching(
        /^workers\.yaml:1:57: broker\.tls\.cert: found .*: a directory, expected a readable text file$/,
      ),
      'workers.yaml:1:65: broker.tls.key: found none.key: no such file, expected a readable text file',
    ]);
  });
});
