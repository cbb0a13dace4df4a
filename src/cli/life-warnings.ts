/** What is valid in workers.yaml and will probably not do what was meant: order, lifetime, and commands that are not there. */
import { isGated } from '../config/gated.ts';
import type { Config, ProgramConfig } from '../config/types.ts';
import { findExecutable } from '../linux/find-executable.ts';
import type { Warning } from './redirect/warnings.ts';

/** @param path the PATH of whoever asks; a program may set its own */
export const lifeWarnings = (config: Config, path: string | undefined): Warning[] =>
  Object.values(config.programs).flatMap((program) => [
    ...waitsForNobody(config, program),
    ...counts(config, program),
    ...notThere(program, path),
  ]);

const waitsForNobody = ({ programs }: Config, { name, after }: ProgramConfig): Warning[] =>
  after
    .filter((other) => programs[other]?.start.auto === false || programs[other]?.workers === 0)
    .map((other) => ({
      path: ['programs', name, 'after'],
      text: `${other} is not started by itself (${programs[other]?.workers === 0 ? 'workers: 0' : 'start.auto: false'})`,
      consequence: `${name} waits until somebody starts it`,
      remedy: `start ${other} by itself too, or leave it out of after`,
    }));

const counts = (config: Config, program: ProgramConfig): Warning[] =>
  program.lifetime?.messages == null || isGated(config, program)
    ? []
    : [
        {
          path: ['programs', program.name, 'lifetime', 'messages'],
          text: 'no gate counts the messages of this program',
          consequence: 'no worker is recycled for them',
          remedy: 'write amqp: {}, or use lifetime.age',
        },
      ];

const HOOKS = ['beforeStart', 'afterStart', 'beforeStop', 'afterStop'] as const;

/** Commands run beside the workers, which nobody sees fail before they are needed. */
const notThere = (program: ProgramConfig, path: string | undefined): Warning[] => {
  const { ready, hooks, name, directory, environment } = program;
  const commands = HOOKS.map((hook) => ({ key: ['hooks', hook], argv: hooks?.[hook] ?? null }));
  if (ready?.check === 'command') commands.push({ key: ['ready', 'command'], argv: ready.argv });
  return commands.flatMap(({ key, argv }) => {
    const found = argv === null ? null : findExecutable(argv[0] ?? '', directory, environment['PATH'] ?? path);
    if (found === null || 'path' in found) return [];
    const text = found.problem.replace(/\.$/, '');
    const consequence = 'it fails each time';
    return [{ path: ['programs', name, ...key], text, consequence, remedy: 'install it or give its full path' }];
  });
};
