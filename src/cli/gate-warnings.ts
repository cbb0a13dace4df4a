/** Programs beside a broker whose workers will be ended with messages in hand, because nobody said what they are. */
import type { Config, ProgramConfig } from '../config/types.ts';
import type { Warning } from './redirect/warnings.ts';

const MOST_NAMED = 3;

/** One for all of them. None for a program that says how it is drained, and none where workers.yaml has no broker. */
export const gateWarnings = (config: Config): Warning[] => {
  const unsaid = Object.values(config.programs).filter((program) => isUnsaid(config, program));
  const [first] = unsaid;
  if (first === undefined) return [];
  return [
    {
      path: ['programs', first.name],
      text: `${listed(unsaid.map(({ name }) => name))} ${unsaid.length === 1 ? 'has' : 'have'} no amqp map`,
      consequence: 'no gate drains the workers, and what one holds of a queue when it is replaced is delivered again',
      remedy: 'write amqp: {} where they consume from the broker, recycle: { drain: signal } where they do not',
    },
  ];
};

const isUnsaid = (config: Config, { amqp, broker, origins, recycle }: ProgramConfig): boolean =>
  (broker ?? config.broker) !== null &&
  amqp === null &&
  recycle.drain === 'signal' &&
  origins['recycle.drain'] === undefined;

const listed = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more` : names.join(', ');
};
