/**
 * The English catalogue: every entry and outcome of the journal as one plain sentence with its numbers, by rule. A second language
 * is a second file of this shape. Sentences come without the full stop: an outcome may follow after a semicolon.
 */
import type { EntryDraft, Evidence, Outcome } from '../core/types.ts';
import { isCanary } from './bisect/canaries.ts';
import { GATE_ENTRIES } from './sentences-gate.ts';
import { LISTENER_ENTRIES } from './sentences-listeners.ts';
import { DIAGNOSE_ENTRIES, DIAGNOSE_OUTCOMES } from './sentences-diagnose.ts';
import { GROWTH_ENTRIES } from './sentences-growth.ts';
import { LIFE_ENTRIES } from './sentences-life.ts';
import { PHP_ENTRIES, PHP_OUTCOMES } from './sentences-php.ts';
import { RULE_ENTRIES, RULE_OUTCOMES, VERIFY_ENTRIES } from './sentences-rules.ts';
import { number, said, text, who } from './entry-words.ts';
import { bytes, clockOf, dateOf, exitText, plural, rate, seconds } from './words.ts';

/** What a sentence may need besides the entry: where workers.yaml lies. */
export interface Surroundings {
  configFile: string;
}

type Entry = Omit<EntryDraft, 'action'> & { action: string };

type Template = (entry: Entry, where: string) => string;

const METRIC: Record<string, string> = {
  rss: 'resident memory',
  pss: 'proportional memory',
  anon: 'anonymous memory',
};

const passed =
  (verb: string, ceiling: string): Template =>
  (entry, where) => {
    const { evidence } = entry;
    const growth = number(evidence, 'growthBytesPerSecond');
    const growing = number(evidence, 'growingSeconds');
    const grew =
      growth === null || growing === null || growth <= 0
        ? ''
        : ` after growing ${rate(growth)} for ${seconds(growing * 1000)}`;
    const perMessage = number(evidence, 'growthBytesPerMessage');
    const each =
      perMessage === null || perMessage <= 0 ? '' : `, ${bytes(perMessage)} for each message it acknowledged`;
    const metric = METRIC[text(evidence, 'metric')] ?? 'memory';
    return `${verb} ${who(entry)}: ${metric} ${bytes(number(evidence, 'bytes'))} passed the ${ceiling} ceiling of ${bytes(number(evidence, 'ceilingBytes'))}${where}${grew}${grew === '' ? '' : each}`;
  };

const started =
  (why: string): Template =>
  (entry) =>
    `Started ${who(entry)}${why}`;

const ended =
  (how: string): Template =>
  (entry) => {
    const ran = number(entry.evidence, 'ranMs');
    const swept = number(entry.evidence, 'swept') ?? 0;
    const left = swept === 0 ? '' : `; ${plural(swept, 'process', 'processes')} it left behind killed`;
    return `${who(entry)} ${exitText(entry.evidence)}${ran === null ? '' : ` after ${seconds(ran)}`}${how}${left}`;
  };

const waits =
  (why: string): Template =>
  (entry) =>
    `${entry.worker ?? ''} ${why}; next try in ${seconds(number(entry.evidence, 'delayMs') ?? 0)}`;

const attempt = (evidence: Evidence): string => `try ${text(evidence, 'attempt')} of ${text(evidence, 'retries')}`;

const ENTRIES: Record<string, Template> = {
  'start.auto': started(''),
  'start.command': started(' as asked'),
  'start.again': started(' again as asked'),
  'start.retry': started(' after waiting'),
  'start.afterExit': started(' again after its exit'),
  'start.recycle': started(' to replace its predecessor'),
  'start.shimLost': started(' anew: its process was lost with the shim'),
  'start.brokerRetry': started(' to see whether the broker answers again'),
  'exit.expected': ended(', as expected'),
  'exit.unexpected': ended(', unexpectedly'),
  'exit.tooQuick': ended(', before it counted as running (start.seconds); its log may say why'),
  'exit.shimEnded': ended(', because its shim was told to end; the next shim starts it again'),
  'exit.crashed': waits('keeps exiting'),
  'spawn.failed': (entry) =>
    `${entry.worker ?? ''} could not be started (${attempt(entry.evidence)}): ${said(entry.evidence, 'text')}; next try in ${seconds(number(entry.evidence, 'delayMs') ?? 0)}`,
  'spawn.unanswered': (entry) =>
    `${who(entry)}: the shim has not answered the start for ${seconds(number(entry.evidence, 'waitedMs') ?? 0)}; waiting on`,
  'broker.down': (entry, where) =>
    entry.worker === null
      ? `The broker does not answer (${said(entry.evidence, 'text')}): exits of its workers do not count until it does`
      : waits('exited while the broker was away')(entry, where),
  'broker.up': (entry) => `The broker answers again (${said(entry.evidence, 'text')})`,
  'fatal.retries': (entry) =>
    `Gave up on ${entry.worker ?? ''} after ${text(entry.evidence, 'attempts')} failed starts${detail(entry.evidence)}; fix the cause, then: ackwarden start ${entry.worker ?? ''}`,
  'fatal.crashLoop': (entry) =>
    `Gave up on ${entry.worker ?? ''}: ${text(entry.evidence, 'crashes')} unexpected exits within ten minutes${detail(entry.evidence)}; fix the cause, then: ackwarden start ${entry.worker ?? ''}`,
  'memory.hard': passed('Recycled', 'hard'),
  'memory.soft': passed('Recycled', 'soft'),
  'memory.kill': passed('Killed', 'kill'),
  ...GROWTH_ENTRIES,
  ...DIAGNOSE_ENTRIES,
  'memory.hard.again': (entry) =>
    `${entry.worker ?? ''} passed its hard ceiling again within ${seconds(number(entry.evidence, 'withinMs') ?? 0)} of its start (${plural(number(entry.evidence, 'times') ?? 0, 'time', 'times')} in a row); the next start waits ${seconds(number(entry.evidence, 'delayMs') ?? 0)}`,
  ...VERIFY_ENTRIES,
  ...RULE_ENTRIES,
  'host.reserve': (entry, where) =>
    `The start of ${entry.worker ?? ''} waits: it needs about ${bytes(number(entry.evidence, 'needBytes'))}, the host has ${bytes(number(entry.evidence, 'availableBytes'))} available, and host.reserve${where} keeps ${bytes(number(entry.evidence, 'reserveBytes'))} of that`,
  ...LIFE_ENTRIES,
  ...PHP_ENTRIES,
  'hold.maxConcurrent': (entry, where) =>
    `The recycle of ${entry.worker ?? ''} (${text(entry.evidence, 'wanted')}) waits: another worker of ${entry.program ?? ''} is not at full strength${where}`,
  'hold.host': (entry, where) =>
    `The recycle of ${entry.worker ?? ''} (${text(entry.evidence, 'wanted')}) waits: host.maxConcurrent${where} recycles are under way`,
  'hold.budget': (entry, where) =>
    `The recycle of ${entry.worker ?? ''} (${text(entry.evidence, 'wanted')}) waits: ${entry.program ?? ''} has used up recycle.budget${where}; only hard ceilings recycle until the window has passed`,
  command: (entry) => `Recycled ${who(entry)} as asked`,
  'command.stop': (entry) =>
    `Stopped ${who(entry)} as asked${text(entry.evidence, 'was') === '' ? '' : ` (was ${text(entry.evidence, 'was')})`}`,
  'stopped.kept': (entry) =>
    `${entry.worker ?? ''} stays stopped because ${stoppedBy(entry.evidence)}; ackwarden start ${entry.worker ?? ''} starts it`,
  'fatal.exits': (entry) => `${entry.worker ?? ''} is FATAL and exitOnFatal is set: everything is drained and stopped`,
  'command.restart': (entry) => `Stopped ${who(entry)} to restart it as asked`,
  'command.shutdown': (entry) => `Stopped ${who(entry)} because ackwarden shuts down`,
  'command.signal': (entry) => `Sent SIG${text(entry.evidence, 'signal')} to ${who(entry)} as asked`,
  'start.changed': started(': its program changed in workers.yaml'),
  'config.changed': (entry, where) =>
    `Recycled ${who(entry)}: its program changed in workers.yaml${text(entry.evidence, 'keys') === '' ? '' : `: ${text(entry.evidence, 'keys')}`}${where}`,
  'config.fails': (entry) =>
    `The changed configuration of ${entry.program ?? ''} does not come up in ${entry.worker ?? ''}, which goes on as it was, and so do its siblings; next try in ${seconds(number(entry.evidence, 'delayMs') ?? 0)}; fix it and reload`,
  'config.oom': (entry) =>
    `Set oom_score_adj of ${who(entry)} from ${text(entry.evidence, 'from')} to ${text(entry.evidence, 'to')}, as workers.yaml says now`,
  'hold.fails': (entry) =>
    `The recycle of ${entry.worker ?? ''} (${text(entry.evidence, 'wanted')}) waits: the changed configuration does not come up in a sibling`,
  reload: (entry) => reloadText(entry.evidence),
  'reload.invalid': (entry) =>
    `workers.yaml was not reloaded: it has ${plural(number(entry.evidence, 'problems') ?? 0, 'problem', 'problems')}, the first: ${said(entry.evidence, 'text')}; nothing was changed`,
  'config.removed': (entry) =>
    `Stopped ${who(entry)}: ${isCanary(entry.program ?? '') ? 'the bisect needs it no longer' : 'it is no longer in workers.yaml'}`,
  'replacement.overCeiling': (entry) => `Stopped ${who(entry)}, a replacement: it passed a memory ceiling itself`,
  'spawn.unexpected': (entry) => `Stopped ${who(entry)}: nobody waited for this process any longer when it was spawned`,
  'stop.stuck': (entry) =>
    `${who(entry)} does not end, not even by SIGKILL: it hangs in the kernel (uninterruptible sleep, often a dead network file system)`,
  attach: (entry) => {
    const living = number(entry.evidence, 'incarnations') ?? 0;
    const shim = text(entry.evidence, 'shimPid');
    return living === 0
      ? `Attached to the shim (pid ${shim})`
      : `Attached to the shim (pid ${shim}) and its ${plural(living, 'living worker', 'living workers')}`;
  },
  'attach.outdated': (entry) =>
    `The shim (pid ${text(entry.evidence, 'shimPid')}, version ${text(entry.evidence, 'version')}) is not of this build (version ${text(entry.evidence, 'ours')}): its ${plural(number(entry.evidence, 'incarnations') ?? 0, 'worker moves', 'workers move')} into a new shim, one recycle after the other, and then it ends`,
  'shim.outdated': (entry) =>
    `Recycled ${who(entry)} to move it out of the older shim (pid ${text(entry.evidence, 'shimPid')}, version ${text(entry.evidence, 'version')})`,
  'shim.left': (entry) => `The older shim (pid ${text(entry.evidence, 'shimPid')}) is empty and has ended`,
  'shim.notRenewed': (entry) =>
    `No shim of this build could be started, so workers stay in the older one: ${said(entry.evidence, 'text')}; trying again`,
  adopt: (entry) => `Adopted ${who(entry)}`,
  'adopt.stopUnheard': (entry) =>
    `Stopped ${who(entry)} again: the earlier order was lost with the controller that gave it`,
  'recycle.swapped': (entry) => `Stopped ${who(entry)}: its replacement runs`,
  'adopt.surplus': (entry) => `Stopped ${who(entry)}: its worker has another process already`,
  'adopt.notConfigured': (entry) =>
    `Stopped pid ${entry.pid}: workers.yaml has no worker named ${text(entry.evidence, 'name')}`,
  shimLost: (entry) => {
    const left = number(entry.evidence, 'incarnations') ?? 0;
    return left === 0
      ? 'The shim ended; no worker was left in it'
      : `The shim died: its ${plural(left, 'worker', 'workers')} lost their parent and are stopped and started anew; the broker returns what was unacknowledged to the queue`;
  },
  orphansStopped: (entry) =>
    `Stopped ${plural(number(entry.evidence, 'count') ?? 0, 'orphan', 'orphans')} of a dead shim in ${seconds(number(entry.evidence, 'tookMs') ?? 0)}: ${text(entry.evidence, 'names')}`,
  'logs.reopened': () => 'Log files are reopened, as asked',
  'logs.cleared': (entry) => `Emptied the log of ${who(entry)} as asked: ${text(entry.evidence, 'paths')}`,
  logTrouble: (entry) => `${said(entry.evidence, 'text')}${dropped(entry.evidence)}`,
  'shim.unreachable': (entry) =>
    `There is no shim, and without one no worker is started or stopped: ${said(entry.evidence, 'text')}; trying again`,
  refused: (entry) => `The shim refused ${text(entry.evidence, 'what')}: ${text(entry.evidence, 'text')}`,
  ...GATE_ENTRIES,
  ...LISTENER_ENTRIES,
  'broker.embedded': (entry) => text(entry.evidence, 'text'),
};

const reloadText = (evidence: Evidence): string => {
  const of = (key: string): number => number(evidence, key) ?? 0;
  const programs = (['added', 'removed', 'changed', 'unchanged'] as const)
    .filter((key) => of(key) > 0)
    .map((key) => `${of(key)} ${key}`)
    .join(', ');
  const kept = of('notApplied') === 0 ? '' : `; ${plural(of('notApplied'), 'key keeps', 'keys keep')} its value`;
  const what = said(evidence, 'text');
  return `Reloaded workers.yaml (programs: ${programs === '' ? 'none' : programs})${what === '' ? '' : `: ${what}`}${kept}`;
};

const stoppedBy = (evidence: Evidence): string => {
  const wall = number(evidence, 'wall') ?? 0;
  return `${text(evidence, 'who') || 'somebody'} stopped it${wall === 0 ? '' : ` at ${dateOf(wall)}`}`;
};

const detail = (evidence: Evidence): string => {
  const why = said(evidence, 'text');
  if (why !== '') return `: ${why}`;
  return evidence['code'] === undefined ? '' : `, the last one ${exitText(evidence)}`;
};

const dropped = (evidence: Evidence): string => {
  const lines = number(evidence, 'droppedLines') ?? 0;
  return lines === 0 ? '' : `; ${plural(lines, 'line was', 'lines were')} dropped`;
};

const stoppedText = (evidence: Evidence): string => {
  const signal = text(evidence, 'stopSignal').replace(/^SIG/, '');
  const wall = number(evidence, 'signalledWall');
  const took = number(evidence, 'tookMs');
  const drain = number(evidence, 'drainMs');
  const drained = drain === null ? '' : `drained in ${seconds(drain)}, `;
  const sent = `${drained}${signal === '' || wall === null ? '' : `SIG${signal} at ${clockOf(wall)}, `}`;
  const held = number(evidence, 'unacknowledged') ?? 0;
  const back =
    held === 0 ? '' : `; ${plural(held, 'unacknowledged message', 'unacknowledged messages')} went back to the queue`;
  if (evidence['killed'] === true)
    return `${sent}killed after ${seconds(number(evidence, 'killedAfterMs') ?? 0)}${back}`;
  if (evidence['code'] === null && evidence['exitSignal'] === null) return 'ended with its shim, nobody saw how';
  return `${sent}${took === null ? 'gone' : `exited in ${seconds(took)}`}${back}`;
};

const OVERTAKERS: Record<string, string> = {
  'memory.hard': 'its hard ceiling',
  'memory.kill': 'its kill ceiling',
  'command.stop': 'another stop',
  'command.restart': 'a restart',
  'command.shutdown': 'the shutdown',
  'config.removed': 'its removal from workers.yaml',
  reload: 'another reload',
  'adopt.stopUnheard': 'the same order, given again',
  'adopt.notConfigured': 'the same order, given again',
};

const OUTCOMES: Record<string, (evidence: Evidence) => string> = {
  ...RULE_OUTCOMES,
  ...DIAGNOSE_OUTCOMES,
  ...PHP_OUTCOMES,
  running: (evidence) => `pid ${text(evidence, 'pid')}, running after ${seconds(number(evidence, 'afterMs') ?? 0)}`,
  exited: (evidence) => `it ${exitText(evidence)} after ${seconds(number(evidence, 'ranMs') ?? 0)}`,
  stopped: (evidence) => (evidence['pid'] === undefined ? 'stopped before it was running' : stoppedText(evidence)),
  recycled: (evidence) => {
    const next = number(evidence, 'replacedBy');
    const delay = number(evidence, 'startsInMs');
    const after = delay === null ? 'not replaced' : `the replacement starts in ${seconds(delay)}`;
    return `${stoppedText(evidence)}; ${next === null ? after : `replaced by pid ${next}`}`;
  },
  overtaken: (evidence) => `overtaken by ${OVERTAKERS[text(evidence, 'by')] ?? text(evidence, 'by')}`,
  overCeiling: (evidence) =>
    `it passed a memory ceiling with ${bytes(number(evidence, 'bytes'))} before it was running`,
  reloaded: (evidence) =>
    number(evidence, 'replaced') === 0
      ? 'in force'
      : `in force, ${plural(number(evidence, 'replaced') ?? 0, 'worker', 'workers')} replaced`,
  lost: () => 'lost with its shim',
  'spawn.failed': (evidence) => `it could not be started: ${text(evidence, 'text')}`,
  'ready.timeout': (evidence) =>
    `it was not ready after ${seconds(number(evidence, 'waitedMs') ?? 0)} (${text(evidence, 'check')})`,
  'replacement.notReady': (evidence) =>
    `given up: the replacement was not ready after ${seconds(number(evidence, 'waitedMs') ?? 0)}; the worker goes on`,
  'replacement.exited': (evidence) => `given up: the replacement ${exitText(evidence)}; the worker goes on`,
  'replacement.lost': () => 'given up: the replacement was lost with its shim; the worker goes on',
  'replacement.overCeiling': (evidence) =>
    `given up: the replacement itself passed a ceiling with ${bytes(number(evidence, 'bytes'))}; the worker goes on`,
};

/** The sentence of an entry, without a full stop. */
export const entryText = (entry: Entry, surroundings: Surroundings): string => {
  const where = entry.policy === null ? '' : ` (${fileName(surroundings.configFile)}:${entry.policy.line})`;
  if (entry.text !== null) return `Recycled ${who(entry)}: ${entry.text}`;
  const template = ENTRIES[entry.rule];
  return template === undefined ? `${entry.action} ${who(entry)} (${entry.rule})` : template(entry, where);
};

export const outcomeText = (outcome: Outcome): string => {
  const template = OUTCOMES[outcome.rule];
  return template === undefined ? outcome.rule : template(outcome.evidence);
};

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Rules the catalogue has words for; a test compares them with the rules that the core and the controller write. */
export const KNOWN_RULES: readonly string[] = Object.keys(ENTRIES);
export const KNOWN_OUTCOMES: readonly string[] = Object.keys(OUTCOMES);
