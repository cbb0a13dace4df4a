/**
 * What a hop costs whatever it does: a plain TCP forwarder in a process of its own, as anybody would write it in Node. Argument: the
 * broker's port; prints its own. Ends with its standard input.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const HOST = '127.0.0.1';
const upstream = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (client) => {
  const broker = connect({ host: HOST, port: upstream, noDelay: true });
  client.pipe(broker);
  broker.pipe(client);
  client.on('error', () => broker.destroy());
  broker.on('error', () => client.destroy());
});
server.listen({ host: HOST, port: 0 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume();
process.stdin.once('end', () => process.exit());
