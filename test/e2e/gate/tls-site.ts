/** A real broker with a TLS listener beside the plain one, which asks for client certificates and lets those in that have none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { brokerFiles, prepareFolder, writeConfig } from '../../../src/broker/embedded-files.ts';
import { endNode, findServer, spawnNode, untilAnswering } from '../../../src/broker/embedded-node.ts';
import { newRecord } from '../../../src/broker/embedded-record.ts';
import { freePorts } from '../../../src/broker/free-port.ts';
import type { BrokerTls } from '../../../src/linux/broker-tls.ts';
import { makeAuthority, sign } from '../../certificates.ts';
import type { Pair } from '../../certificates.ts';
import { withoutHeartbeat } from './site.ts';
import type { Site } from './site.ts';
import { openChannel } from './wiped.ts';

export interface TlsSite extends Omit<Site, 'evaluate'> {
  tlsPort: number;
  /** As workers.yaml says it: the authority of the broker, and the name in its certificate. */
  tls: BrokerTls;
  authority: Pair;
  /** Names the broker's user, who may log in with it alone (EXTERNAL). */
  client: Pair;
  /** Signs nothing of this broker. */
  stranger: Pair;
  password: string;
}

export const SERVER_NAME = 'rabbit.test';
const HOST = '127.0.0.1';

export async function openTlsSite(): Promise<TlsSite> {
  const dir = mkdtempSync(join(tmpdir(), 'ackwarden-tls-'));
  const files = brokerFiles(dir);
  prepareFolder(files);
  const [port, distributionPort] = await freePorts(HOST, null);
  const [tlsPort] = await freePorts(HOST, null);
  const record = newRecord({ port, distributionPort });
  const authority = makeAuthority(dir, 'authority');
  const server = sign(dir, authority, { name: SERVER_NAME, names: `DNS:${SERVER_NAME},DNS:localhost` });
  writeConfig(files, record);
  const listener = `{ssl_listeners, [{"${HOST}", ${tlsPort}}]},
  {ssl_options, [{cacertfile, "${authority.cert}"}, {certfile, "${server.cert}"}, {keyfile, "${server.key}"},
    {verify, verify_peer}, {fail_if_no_peer_cert, false}]},
  {auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']}, {ssl_cert_login_from, common_name},
  {tcp_listeners,`;
  writeFileSync(files.config, readFileSync(files.config, 'utf8').replace('{tcp_listeners,', listener));
  writeFileSync(join(files.folder, 'enabled_plugins'), '[rabbitmq_auth_mechanism_ssl].\n');
  const { node, exited } = await spawnNode(findServer(), files, record);
  const url = `amqp://${record.user}:${record.password}@${HOST}:${port}/`;
  const answer = await untilAnswering(url, exited, { log: () => undefined });
  if (answer !== 'answers') throw new Error(`The broker: ${answer}\n${readFileSync(files.output, 'utf8')}`);
  const stop = async (): Promise<void> => void (await endNode(node, exited));
  const connection = await connect(withoutHeartbeat(url));
  return {
    dir,
    broker: { url, host: HOST, port, pid: node.pid, exited, stop },
    ...(await openChannel(connection)),
    tlsPort,
    authority,
    tls: { ca: authority.cert, cert: null, key: null, verify: true, serverName: SERVER_NAME },
    client: sign(dir, authority, { name: record.user }),
    stranger: makeAuthority(dir, 'stranger'),
    password: record.password,
    close: async () => {
      await connection.close();
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
