/** Commands that run through a shell, and commands that consume from RabbitMQ. */
import { basename } from 'node:path';
import { splitWords } from '../words.ts';

const SHELLS = ['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'];

/** Words that only a shell has, or that change the shell itself. */
const BUILTINS = [
  'cd',
  'source',
  '.',
  'export',
  'ulimit',
  'set',
  'eval',
  'if',
  'for',
  'while',
  'until',
  'case',
  'trap',
  'umask',
  'wait',
  '[',
  '[[',
];

/** The script of `sh -c SCRIPT`; null: no shell runs. */
export function shellScript(argv: readonly string[]): string | null {
  const [program = '', ...rest] = argv;
  if (!SHELLS.includes(basename(program))) return null;
  const at = rest.findIndex((word) => /^-[A-Za-z]*c$/.test(word));
  return at < 0 || rest.slice(0, at).some((word) => !word.startsWith('-')) ? null : (rest[at + 1] ?? null);
}

/** Whether the shell gives its place to the command, so that signals reach it. */
export function endsInExec(script: string): boolean {
  const last = script
    .split(/&&|;|\n/)
    .map((part) => part.trim())
    .findLast((part) => part !== '');
  return last !== undefined && /^exec\s/.test(last);
}

/** The words of a script that is one plain command; null: it needs the shell. */
export function plainCommand(script: string): string[] | null {
  const words = splitWords(script.trim());
  const first = words.ok ? words.value[0] : undefined;
  // A shell expands these; outside of quotes nobody can say whether they were meant.
  if (first === undefined || !words.ok || BUILTINS.includes(first) || /[*?[\]~]/.test(script)) return null;
  return words.value;
}

/** Whether the command is recognisably a consumer of RabbitMQ. */
export function isRabbitConsumer(argv: readonly string[]): boolean {
  return argv.some((word) => /rabbit|amqp/i.test(word)) && argv.some((word) => /consum|work|listen|queue/i.test(word));
}
