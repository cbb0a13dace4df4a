/** Which programs get an AMQP gate, and why the others that want one get none. */
import { parseDsn } from './dsn.ts';
import { nodesOf } from './redirect.ts';
import type { Config, NotYetActive, ProgramConfig } from './types.ts';

type Gated = Pick<Config, 'broker'>;

/** Whether its workers are to be drained at a gate. */
export const wantsGate = ({ amqp, recycle }: ProgramConfig): boolean => amqp?.gate === true && recycle.drain === 'gate';

/** Whether a program's workers talk to their broker through a gate of ours. */
export const isGated = (config: Gated, program: ProgramConfig): boolean =>
  wantsGate(program) && whyUngated(config, program) === null;

/** Why the gate that a program wants cannot be had, as the end of a sentence; null if it can. */
const whyUngated = (config: Gated, { amqp, broker: own, environment }: ProgramConfig): string | null => {
  if (amqp === null) return null;
  const broker = own ?? config.broker;
  const variable = amqp.dsnVariable ?? amqp.hostVariable;
  const value = environment[variable];
  if (amqp.dsnVariable !== null && value !== undefined)
    return parseDsn(value) === null ? `${variable} in its environment is no AMQP URL with a host in it` : null;
  if (broker?.kind === 'embedded' || nodesOf(broker).length > 0 || value !== undefined) return null;
  return `nothing says where its broker is: write broker, or ${variable} in its environment`;
};

/** Said by `check` and `run` of each program whose wish for a gate comes to nothing. */
export const findUngated = (config: Config, lineOf: (path: string[]) => number): NotYetActive[] =>
  Object.values(config.programs).flatMap((program) => {
    const why = wantsGate(program) ? whyUngated(config, program) : null;
    if (why === null) return [];
    const path = ['programs', program.name, 'amqp'];
    const text = `${path.join('.')} is not active: workers are drained by signal, because ${why}.`;
    return [{ path: path.join('.'), line: lineOf(path), text }];
  });

const MOST_NAMED = 3;

/** Said likewise, once for all programs beside a broker that have no gate and do not say so: workers of theirs end with messages in hand. */
export const findUnsaid = (config: Config, lineOf: (path: string[]) => number): NotYetActive[] => {
  const names = Object.values(config.programs).flatMap((program) => (isUnsaid(config, program) ? [program.name] : []));
  const [first] = names;
  if (first === undefined) return [];
  const more = names.length - MOST_NAMED;
  const listed = more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more` : names.join(', ');
  const text =
    `programs: ${listed} ${names.length === 1 ? 'has' : 'have'} no amqp map, so no gate drains the workers, and what one holds of a queue when it is ` +
    'replaced is delivered again; write amqp: {} where they consume from the broker, recycle: { drain: signal } where they do not.';
  return [{ path: `programs.${first}`, line: lineOf(['programs', first]), text }];
};

const isUnsaid = (config: Gated, { amqp, broker, origins, recycle }: ProgramConfig): boolean =>
  (broker ?? config.broker) !== null &&
  amqp === null &&
  recycle.drain === 'signal' &&
  origins['recycle.drain'] === undefined;
