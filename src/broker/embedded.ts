/**
 * The embedded broker: a private rabbitmq-server node on loopback, with everything it writes below `<dataDir>/broker`.
 *
 * It runs in a session of its own, so that Ctrl-C in our terminal does not reach it before its workers have drained, and it
 * outlives a controller that is killed: the next one takes the lock, finds the node by its identity and adopts it, and the workers
 * keep their connections meanwhile. One controller at a time: `broker.lock`.
 */
import { rmSync } from 'node:fs';
import { takeLock } from '../linux/lock.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { HOST, brokerFiles, prepareFolder, writeConfig } from './embedded-files.ts';
import type { BrokerFiles } from './embedded-files.ts';
import { endNode, excerpt, findServer, spawnNode, untilAnswering, watchExit } from './embedded-node.ts';
import { findRunning, newRecord, readRecord, writeRecord } from './embedded-record.ts';
import type { EmbeddedRecord } from './embedded-record.ts';
import { freePorts } from './free-port.ts';

const PORT_ATTEMPTS = 3;

export interface EmbeddedBroker {
  /** `amqp://user:password@127.0.0.1:port/`: a secret. */
  url: string;
  host: string;
  port: number;
  pid: number;
  /** Resolves once the node is gone, whoever ended it. */
  exited: Promise<void>;
  /** SIGTERM, then SIGKILL after a deadline; resolves once it is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** Progress, in sentences. */
  log: (line: string) => void;
  /** Ends a start that is under way: the node is stopped, and the promise rejects. */
  signal?: AbortSignal;
}

interface Start extends EmbeddedOptions {
  files: BrokerFiles;
}

/**
 * Start the node, or adopt the one that an earlier controller left running. Resolves once it lets us log in; rejects with a sentence
 * when rabbitmq-server is missing, does not start, or another controller holds this data directory.
 */
export async function startEmbeddedBroker(options: EmbeddedOptions): Promise<EmbeddedBroker> {
  const start: Start = { ...options, files: brokerFiles(options.dataDir) };
  prepareFolder(start.files);
  const lock = takeLock(start.files.lock);
  if (lock === null) {
    throw new Error(
      `The embedded broker in ${start.files.folder} belongs to another ackwarden that is running. Stop that one, or set another dataDir.`,
    );
  }
  try {
    const { record, node, exited } = (await adopt(start)) ?? (await startNew(start));
    const gone = exited.finally(() => lock.release());
    return {
      url: urlOf(record),
      host: HOST,
      port: record.port,
      pid: node.pid,
      exited: gone,
      stop: () => stopNode(start, node, gone),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Running {
  record: EmbeddedRecord;
  node: ProcessIdentity;
  exited: Promise<void>;
}

/** The node of an earlier controller, once it answers; null when there is none (or none that answers: it is then ended). */
async function adopt(start: Start): Promise<Running | null> {
  const record = readRecord(start.files);
  const node = record === null ? null : findRunning(start.files, record);
  if (record === null || node === null) return null;
  const exited = watchExit(node);
  const answer = await untilAnswering(urlOf(record), exited, start);
  if (answer === 'answers') {
    start.log(`Adopted the embedded broker that was left running on ${HOST}:${record.port} (pid ${node.pid}).`);
    if (record.data !== 'complete') writeRecord(start.files, { ...record, data: 'complete' });
    return { record: { ...record, data: 'complete' }, node, exited };
  }
  await endNode(node, exited);
  throwIfCancelled(start);
  start.log(
    `The embedded broker that was left running (pid ${node.pid}) does not answer; it was ended and is started anew.`,
  );
  return null;
}

async function startNew(start: Start): Promise<Running> {
  const { files, log } = start;
  const server = findServer();
  for (let attempt = 1; ; attempt += 1) {
    const record = await prepareRecord(files, attempt === 1);
    log(
      `Starting the embedded broker (RabbitMQ on ${HOST}:${record.port}, data in ${files.folder}); this takes a few seconds.`,
    );
    const began = performance.now();
    const { node, exited } = await spawnNode(server, files, record);
    const answer = await untilAnswering(urlOf(record), exited, start);
    if (answer === 'answers') {
      writeRecord(files, { ...record, data: 'complete' });
      log(`The embedded broker is ready after ${((performance.now() - began) / 1000).toFixed(1)} s (pid ${node.pid}).`);
      return { record, node, exited };
    }
    await endNode(node, exited);
    throwIfCancelled(start);
    const output = excerpt(files);
    // Between our look for a free port and the node's listen, somebody else may have taken it.
    if (attempt < PORT_ATTEMPTS && /eaddrinuse/.test(output)) continue;
    const how = answer === 'exited' ? 'ended while it started' : 'did not answer in time and was ended';
    throw new Error(`The embedded broker ${how}. Its last words (${files.output}):\n${output}`);
  }
}

function throwIfCancelled(start: Start): void {
  if (start.signal?.aborted === true) throw new Error('The start of the embedded broker was cancelled; it was ended.');
}

/**
 * Ports for this start; user, password and data of the last one. The ports of the last run are kept where they are free, so that
 * workers which still hold them find the broker again. A database whose first start never completed holds nothing: it is wiped.
 */
async function prepareRecord(files: BrokerFiles, keepPorts: boolean): Promise<EmbeddedRecord> {
  const last = readRecord(files);
  const wanted = keepPorts && last !== null ? ([last.port, last.distributionPort] as const) : null;
  const [port, distributionPort] = await freePorts(HOST, wanted);
  const fresh = newRecord({ port, distributionPort });
  const complete = last?.data === 'complete';
  const record = complete ? { ...fresh, user: last.user, password: last.password, data: last.data } : fresh;
  if (!complete) rmSync(files.data, { recursive: true, force: true });
  // The record comes first: a node that runs without one could not be found again.
  rmSync(files.process, { force: true });
  writeRecord(files, record);
  writeConfig(files, record);
  return record;
}

async function stopNode(start: Start, node: ProcessIdentity, gone: Promise<void>): Promise<void> {
  const how = await endNode(node, gone);
  rmSync(start.files.process, { force: true });
  if (how === 'killed') start.log(`The embedded broker (pid ${node.pid}) did not end in time and was killed.`);
}

function urlOf(record: EmbeddedRecord): string {
  return `amqp://${record.user}:${record.password}@${HOST}:${record.port}/`;
}
