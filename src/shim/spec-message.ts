/** From unknown JSON to the parts of a spawn; throws MessageError. Unknown fields are dropped. */
import { isAbsolute } from 'node:path';
import type {
  Ceilings,
  DsnSpec,
  GateSpec,
  LogLimits,
  LogTarget,
  Note,
  PoisonSpec,
  ResourceLimits,
  SpawnSpec,
  StopPlan,
  UpstreamSpec,
} from './spawn-spec.ts';
import type { BrokerTls } from '../linux/broker-tls.ts';
import { hooks, ready } from './beside-message.ts';
import { recordName } from './record.ts';
import { MessageError, fields, flag, integer, list, number, oneOf, orNull, text } from './validate.ts';

const MAX_MS = 1e12;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;
const MAX_FILE_NAME = 240;
const MAX_NODES = 1000;
const MAX_STRING = 2 * 1024 * 1024;
const SIGNAL = /^(?:HUP|INT|QUIT|KILL|USR1|USR2|ALRM|TERM|CONT|STOP|TSTP|WINCH|TTIN|TTOU|URG|PIPE|ABRT)$/;
const LIMIT =
  /^(?:as|core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)$/;

/** A signal name without SIG. */
export function signalName(value: unknown, what: string): string {
  const name = text(value, what, 16);
  if (!SIGNAL.test(name))
    throw new MessageError(`${what}: expected a signal name such as TERM, found ${JSON.stringify(name)}.`);
  return name;
}

export function incarnationId(value: unknown): string {
  const id = text(value, 'incarnation', MAX_FILE_NAME);
  if (!/^.+#\d+$/s.test(id) || recordName(id).length > MAX_FILE_NAME) {
    throw new MessageError('incarnation: expected <worker>#<number>, short enough for a file name.');
  }
  return id;
}

export function ceilings(value: unknown): Ceilings {
  const found = fields(value, 'ceilings');
  const bytes = (name: string): number | null => orNull(found[name], (figure) => number(figure, name, 1, MAX_BYTES));
  return {
    softBytes: bytes('softBytes'),
    hardBytes: bytes('hardBytes'),
    killBytes: bytes('killBytes'),
    metric: oneOf(found['metric'], 'metric', ['rss', 'pss', 'anon']),
  };
}

export function stopPlan(value: unknown): StopPlan {
  const found = fields(value, 'plan');
  return {
    quiesce: flag(found['quiesce'], 'quiesce'),
    drainTimeoutMs: number(found['drainTimeoutMs'], 'drainTimeoutMs', 0, MAX_MS),
    drainAttempts: integer(found['drainAttempts'], 'drainAttempts', 1, 1000),
    onStuckDrain: oneOf(found['onStuckDrain'], 'onStuckDrain', ['wait', 'resume', 'kill']),
    settleMs: number(found['settleMs'], 'settleMs', 0, MAX_MS),
    stopSignal: signalName(found['stopSignal'], 'stopSignal'),
    stopTimeoutMs: number(found['stopTimeoutMs'], 'stopTimeoutMs', 0, MAX_MS),
    kill: oneOf(found['kill'], 'kill', ['afterTimeout', 'now']),
  };
}

export function spawnSpec(value: unknown): SpawnSpec {
  const found = fields(value, 'spec');
  return {
    incarnation: incarnationId(found['incarnation']),
    note: note(found['note']),
    argv: argv(found['argv']),
    environment: environment(found['environment']),
    directory: absolute(found['directory'], 'directory'),
    user: orNull(found['user'], (user) => text(user, 'user', 256)),
    umask: integer(found['umask'], 'umask', 0, 0o777),
    nice: integer(found['nice'], 'nice', -20, 19),
    limits: limits(found['limits']),
    oomScoreAdj: oomScoreAdj(found['oomScoreAdj']),
    ceilings: ceilings(found['ceilings']),
    hardPlan: stopPlan(found['hardPlan']),
    gate: orNull(found['gate'], gate),
    ready: orNull(found['ready'], ready),
    hooks: orNull(found['hooks'], hooks),
    stdin: orNull(found['stdin'], (stdin) => oneOf(stdin, 'stdin', ['closed', 'open'])) ?? 'closed',
    stdout: logTarget(found['stdout'], 'stdout'),
    stderr: found['stderr'] === 'stdout' ? 'stdout' : logTarget(found['stderr'], 'stderr'),
  };
}

export function oomScoreAdj(value: unknown): number {
  return integer(value, 'oomScoreAdj', -1000, 1000);
}

function note(value: unknown): Note {
  const found = fields(value, 'note');
  return {
    worker: text(found['worker'], 'note.worker'),
    program: text(found['program'], 'note.program'),
    number: integer(found['number'], 'note.number', 0, MAX_BYTES),
    role: oneOf(found['role'], 'note.role', ['current', 'replacement']),
    specHash: text(found['specHash'], 'note.specHash'),
    cause: orNull(found['cause'], (cause) => text(cause, 'note.cause')),
  };
}

function gate(value: unknown): GateSpec {
  const found = fields(value, 'gate');
  const upstreams = list(found['upstreams'], 'gate.upstreams', MAX_NODES).map(upstream);
  if (upstreams.length === 0)
    throw new MessageError('gate.upstreams: expected at least one node, found an empty list.');
  return {
    upstreams,
    hostVariable: variable(found['hostVariable'], 'gate.hostVariable'),
    portVariable: variable(found['portVariable'], 'gate.portVariable'),
    dsn: orNull(found['dsn'], dsn),
    prefetch: orNull(found['prefetch'], (prefetch) => integer(prefetch, 'gate.prefetch', 1, 65_535)),
    poison: orNull(found['poison'], poison),
  };
}

function poison(value: unknown): PoisonSpec {
  const found = fields(value, 'gate.poison');
  return {
    deaths: integer(found['deaths'], 'gate.poison.deaths', 1, 1000),
    action: oneOf(found['action'], 'gate.poison.action', ['warn', 'reject']),
    exitCodes: list(found['exitCodes'], 'gate.poison.exitCodes', 256).map((code) => integer(code, 'exit code', 0, 255)),
  };
}

function upstream(value: unknown): UpstreamSpec {
  const found = fields(value, 'gate.upstreams');
  return {
    host: text(found['host'], 'gate.upstreams.host', 255),
    port: integer(found['port'], 'gate.upstreams.port', 1, 65_535),
    tls: orNull(found['tls'], brokerTls),
  };
}

function brokerTls(value: unknown): BrokerTls {
  const found = fields(value, 'gate.upstreams.tls');
  const path = (name: 'ca' | 'cert' | 'key'): string | null =>
    orNull(found[name], (file) => absolute(file, `tls.${name}`));
  return {
    ca: path('ca'),
    cert: path('cert'),
    key: path('key'),
    verify: flag(found['verify'], 'tls.verify'),
    serverName: orNull(found['serverName'], (name) => text(name, 'tls.serverName', 255)),
  };
}

function dsn(value: unknown): DsnSpec {
  const found = fields(value, 'gate.dsn');
  return {
    variable: variable(found['variable'], 'gate.dsn.variable'),
    before: text(found['before'], 'gate.dsn.before', MAX_STRING),
    after: text(found['after'], 'gate.dsn.after', MAX_STRING),
  };
}

function variable(value: unknown, what: string): string {
  const name = text(value, what, 256);
  if (name === '' || name.includes('=')) throw new MessageError(`${what}: expected the name of a variable.`);
  return name;
}

function argv(value: unknown): string[] {
  const words = list(value, 'argv', 65_536).map((word) => text(word, 'argv', MAX_STRING));
  if (words.length === 0) throw new MessageError('argv: expected at least the command, found an empty list.');
  return words;
}

function environment(value: unknown): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, setting] of Object.entries(fields(value, 'environment'))) {
    if (name === '' || name.includes('=') || name.includes('\0')) {
      throw new MessageError(`environment: ${JSON.stringify(name)} cannot be the name of a variable.`);
    }
    result[name] = text(setting, `environment.${name}`, MAX_STRING);
  }
  return result;
}

function limits(value: unknown): ResourceLimits {
  const result: ResourceLimits = {};
  for (const [name, limit] of Object.entries(fields(value, 'limits'))) {
    if (!LIMIT.test(name))
      throw new MessageError(`limits: ${JSON.stringify(name)} is not a limit that prlimit(1) knows.`);
    result[name] = orNull(limit, (figure) => integer(figure, `limits.${name}`, 0, MAX_BYTES));
  }
  return result;
}

function logTarget(value: unknown, what: string): LogTarget {
  const found = fields(value, what);
  return {
    path: absolute(found['path'], `${what}.path`),
    forward: option(found['forward'], `${what}.forward`),
    ...logLimits(value, what),
    format: found['format'] === undefined ? 'text' : oneOf(found['format'], `${what}.format`, ['text', 'json']),
    timestamps: option(found['timestamps'], `${what}.timestamps`),
    prefix: option(found['prefix'], `${what}.prefix`),
    stripAnsi: option(found['stripAnsi'], `${what}.stripAnsi`),
  };
}

export function logLimits(value: unknown, what: string): LogLimits {
  const found = fields(value, what);
  return {
    maxSizeBytes: number(found['maxSizeBytes'], `${what}.maxSizeBytes`, 0, MAX_BYTES),
    backups: integer(found['backups'], `${what}.backups`, 0, 10_000),
    daily: option(found['daily'], `${what}.daily`),
    compress: option(found['compress'], `${what}.compress`),
  };
}

/** An older controller does not know it. */
function option(value: unknown, what: string): boolean {
  return value === undefined ? false : flag(value, what);
}

export function absolute(value: unknown, what: string): string {
  const path = text(value, what);
  if (!isAbsolute(path)) throw new MessageError(`${what}: expected an absolute path, found ${JSON.stringify(path)}.`);
  return path;
}
