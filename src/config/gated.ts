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
