/** What a bisect found, in sentences. Pure. */
import type { BisectConclusion } from '../../api/bisect-types.ts';
import type { Judgement } from '../../policy/bisect/judge.ts';
import { bytes, plural, seconds } from '../words.ts';

export interface Ended {
  program: string;
  judgement: Judgement;
  messages: number;
  elapsedMs: number;
  /** Suspects without which the worker does not run. */
  cannotRun: readonly string[];
}

const perMessage = (value: number): string => {
  if (value < 0) return `−${perMessage(-value)}`;
  return value < 1024 ? plural(Math.round(value), 'byte', 'bytes') : bytes(value);
};

export const concluded = (ended: Ended): BisectConclusion => {
  const { program, judgement } = ended;
  const { control, culprit, suspects } = judgement;
  const share = culprit === null ? null : (suspects[culprit]?.share ?? null);
  const names = Object.keys(suspects);
  if (culprit !== null && share !== null && control !== null)
    return {
      kind: 'found',
      extension: culprit,
      text: `${culprit} leaks ${perMessage(share.bytesPerMessage)} for each message (surely ${perMessage(share.low)} to ${perMessage(share.high)}): a worker of ${program} grew by ${perMessage(control.bytesPerMessage)} a message, and by ${perMessage(suspects[culprit]?.without?.bytesPerMessage ?? 0)} without it. Take it away with programs.${program}.php.disableExtensions: [${culprit}]`,
    };
  const after = `after ${plural(ended.messages, 'message', 'messages')} in ${seconds(ended.elapsedMs)}`;
  const leaking = names.filter((name) => suspects[name]?.verdict === 'leaks');
  if (leaking.length > 0)
    return {
      kind: 'found',
      extension: leaking[0] ?? null,
      text: `${leaking.map((name) => `${name} leaks ${perMessage(suspects[name]?.share?.bytesPerMessage ?? 0)} for each message`).join(', ')}, and the rest of the ${perMessage(control?.bytesPerMessage ?? 0)} that a worker of ${program} grows by is not explained ${after}`,
    };
  if (names.length > 0 && names.every((name) => suspects[name]?.verdict === 'innocent'))
    return {
      kind: 'none',
      extension: null,
      text: `A worker of ${program} grows by ${perMessage(control?.bytesPerMessage ?? 0)} a message, and as much without ${names.join(', or without ')}: PHP code, or something that was not suspected, keeps it (ackwarden diagnose ${program} tells which)`,
    };
  return undecided(ended, after);
};

const undecided = ({ program, judgement, cannotRun }: Ended, after: string): BisectConclusion => {
  const { control, controlGrows } = judgement;
  const broken = cannotRun.length === 0 ? '' : ` (the worker does not run without ${cannotRun.join(', ')})`;
  if (control === null)
    return { kind: 'undecided', extension: null, text: `Not enough messages to tell anything ${after}${broken}` };
  if (!controlGrows)
    return {
      kind: 'noGrowth',
      extension: null,
      text: `Nothing to be found: a worker of ${program} with all its extensions did not clearly grow ${after} (between ${perMessage(control.low)} and ${perMessage(control.high)} a message)`,
    };
  return {
    kind: 'undecided',
    extension: null,
    text: `A worker of ${program} grows by ${perMessage(control.bytesPerMessage)} a message, and it is not clear ${after} what takes that${broken}; --messages and --time give it longer`,
  };
};
