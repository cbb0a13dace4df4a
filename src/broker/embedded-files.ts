/**
 * What the embedded broker keeps below `<dataDir>/broker` (0700), and how its node is told to stay there: every place that
 * rabbitmq-server would look for by default (/etc/rabbitmq, /var/lib/rabbitmq, the cookie in HOME) is named here instead, so that a
 * system broker and ours never meet.
 */
import { chmodSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../linux/make-folder.ts';

export const HOST = '127.0.0.1';
/** The node's name is part of its database: changing it makes existing data unreadable. */
const NODE = 'ackwarden@localhost';
const MEMORY_WATERMARK_BYTES = 256 * 1024 * 1024;

export interface BrokerFiles {
  folder: string;
  lock: string;
  /** EmbeddedRecord as JSON, 0600. */
  record: string;
  /** The node's own /proc/self/stat line, written before it execs. */
  process: string;
  /** The database: queues, messages, users. */
  data: string;
  config: string;
  /** What the node printed while it started. */
  output: string;
}

export function brokerFiles(dataDir: string): BrokerFiles {
  const folder = join(dataDir, 'broker');
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    lock: at('broker.lock'),
    record: at('broker.json'),
    process: at('process'),
    data: at('data'),
    config: at('rabbitmq.config'),
    output: at('startup.log'),
  };
}

/** Make the folder ours alone. Throws a sentence when it is somebody else's. */
export function prepareFolder(files: BrokerFiles): void {
  makeFolder(files.folder, 0o700);
  const found = lstatSync(files.folder);
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) {
    throw new Error(
      `The embedded broker cannot use ${files.folder}: expected a directory owned by user ${process.geteuid?.() ?? '?'}, found ` +
        `${found.isDirectory() ? `one owned by user ${found.uid}` : 'something else'}. Remove it, or set another dataDir.`,
    );
  }
  chmodSync(files.folder, 0o700);
}

export interface NodeSettings {
  port: number;
  /** Where Erlang distribution listens; it cannot be switched off, and stays on loopback behind a private cookie. */
  distributionPort: number;
  /** Letters and digits only: they are written into an Erlang term. */
  user: string;
  password: string;
}

/**
 * The configuration as Erlang terms rather than as the usual `key = value`, which would be translated by a slow start-up step. The
 * user is created with the database, at the first start only.
 */
export function writeConfig(files: BrokerFiles, settings: NodeSettings): void {
  const { port, user, password } = settings;
  const config = `[{rabbit, [
  {tcp_listeners, [{"${HOST}", ${port}}]},
  {default_user, <<"${user}">>},
  {default_pass, <<"${password}">>},
  {vm_memory_high_watermark, {absolute, ${MEMORY_WATERMARK_BYTES}}},
  {collect_statistics_interval, 60000},
  {log, [{console, [{enabled, true}, {level, error}]}, {file, [{level, warning}]}]}
]}].
`;
  writeFileSync(files.config, config, { mode: 0o600 });
  writeFileSync(join(files.folder, 'enabled_plugins'), '[].\n', { mode: 0o600 });
  writeFileSync(join(files.folder, 'advanced.config'), '[].\n', { mode: 0o600 });
}

/**
 * The complete environment of the node (rabbitmq-env(7)); nothing of ours is inherited but PATH.
 *
 * With its name given to `erl` itself and a fixed distribution port, the node needs no epmd (the `-start_epmd` and `-erl_epmd_port`
 * flags of erl(1)), so none is started that could outlive it.
 */
export function nodeEnvironment(files: BrokerFiles, settings: NodeSettings): Record<string, string> {
  const { folder } = files;
  const port = String(settings.distributionPort);
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: folder,
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: port,
    ERL_EPMD_ADDRESS: HOST,
    ERL_CRASH_DUMP_SECONDS: '0',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_NODENAME: NODE,
    RABBITMQ_DIST_PORT: port,
    RABBITMQ_CONFIG_FILE: files.config,
    RABBITMQ_CONFIG_FILES: join(folder, 'conf.d'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(files.data, 'feature_flags'),
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_MNESIA_DIR: files.data,
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'rabbitmq.pid'),
    RABBITMQ_PLUGINS_EXPAND_DIR: join(folder, 'expand'),
    RABBITMQ_SCHEMA_DIR: join(folder, 'schema'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    // The start script then execs the Erlang machine instead of waiting for it in a shell: the pid stays the one that was recorded.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      '-noinput',
      '+B i',
      '+S 2:2 +SDio 2',
      `-sname ${NODE} -start_epmd false -erl_epmd_port ${port}`,
      '-kernel inet_dist_use_interface {127,0,0,1}',
    ].join(' '),
  };
}
