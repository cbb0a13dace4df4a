/** `php.disableExtensions` at each start: the answer of the worker's PHP is kept as long as nothing that it depends on changes. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramConfig } from '../config/types.ts';
import type { Evidence } from '../core/types.ts';
import { monotonicMs } from '../linux/clock.ts';
import { errorCode } from '../linux/proc-file.ts';
import { runWithout } from '../php/disable.ts';
import type { Trouble } from '../php/disable.ts';
import { interpreterOf } from '../php/interpreter.ts';
import type { SpawnSpec } from '../shim/spawn-spec.ts';

/** A PHP that did not answer is not asked again for each of a hundred workers. */
const FAILURE_HOLDS_MS = 30_000;

/** A warning of the journal that belongs to a worker. */
type Say = (rule: string, evidence: Evidence, worker: { name: string; program: string }) => void;

interface Answer {
  /** What was asked, in one string. */
  question: string;
  /** What is to be set for the worker. */
  variables: Record<string, string>;
  holds: () => boolean;
}

export class PhpExtensions {
  readonly #dataDir: string;
  readonly #say: Say;
  /** By program, as all that follows. */
  readonly #answers = new Map<string, Answer>();
  /** The last that asks: one after the other, because they write the same folder. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** The troubles that were said last: they are news once. */
  readonly #said = new Map<string, string>();

  constructor(dataDir: string, say: Say) {
    this.#dataDir = dataDir;
    this.#say = say;
  }

  /** The spec as it is to be spawned: at once where nothing is to be found out, which it mostly is. */
  prepare(spec: SpawnSpec, program: ProgramConfig): SpawnSpec | Promise<SpawnSpec> {
    if (program.php.disableExtensions.length === 0) return spec;
    const question = questionOf(spec, program);
    const known = this.#answerTo(program, question);
    if (known !== null) return withVariables(spec, known.variables);
    const turn = (this.#turns.get(program.name) ?? Promise.resolve()).then(
      async () => this.#answerTo(program, question) ?? (await this.#ask(question, spec, program)),
    );
    this.#turns.set(program.name, turn);
    return turn.then(({ variables }) => withVariables(spec, variables));
  }

  #answerTo({ name }: ProgramConfig, question: string): Answer | null {
    const known = this.#answers.get(name);
    return known?.question === question && known.holds() ? known : null;
  }

  async #ask(question: string, spec: SpawnSpec, { name, php }: ProgramConfig): Promise<Answer> {
    const { argv: command, environment, directory, user, note } = spec;
    const folder = join(this.#dataDir, 'php', name, 'private');
    const place = { command, environment, directory, user };
    const { variables, troubles, paths } = await runWithout(php.disableExtensions, place, folder);
    const answer = { question, variables, holds: paths === null ? forAWhile() : whileUnchanged(paths) };
    this.#answers.set(name, answer);
    this.#tell(troubles, { name: note.worker, program: name });
    return answer;
  }

  #tell(troubles: readonly Trouble[], worker: { name: string; program: string }): void {
    const all = JSON.stringify(troubles);
    if (this.#said.get(worker.program) === all) return;
    this.#said.set(worker.program, all);
    for (const trouble of troubles) this.#say(trouble.rule, evidenceOf(trouble), worker);
  }
}

const evidenceOf = (trouble: Trouble): Evidence => {
  const { rule: _, ...rest } = trouble;
  return 'extensions' in rest ? { ...rest, extensions: rest.extensions.join(', ') } : rest;
};

/** All that decides which PHP reads which files. The rest of the command and of the environment may differ from worker to worker. */
const questionOf = ({ argv, environment, directory, user }: SpawnSpec, { php }: ProgramConfig): string => {
  const { words, options } = interpreterOf(argv);
  const variables = ['PATH', 'PHPRC', 'PHP_INI_SCAN_DIR'].map((name) => environment[name] ?? null);
  return JSON.stringify([php.disableExtensions, argv[0], words, options, variables, directory, user]);
};

const withVariables = (spec: SpawnSpec, variables: Record<string, string>): SpawnSpec => ({
  ...spec,
  environment: { ...spec.environment, ...variables },
});

const forAWhile = (): (() => boolean) => {
  const until = monotonicMs() + FAILURE_HOLDS_MS;
  return () => monotonicMs() < until;
};

const whileUnchanged = (paths: readonly string[]): (() => boolean) => {
  const state = stateOf(paths);
  return () => stateOf(paths) === state;
};

/** A file that is changed or replaced, and one more or less in a folder, shows in these. */
const stateOf = (paths: readonly string[]): string => paths.map((path) => stampOf(path)).join(' ');

const stampOf = (path: string): string => {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino}:${mtimeMs}:${size}`;
  } catch (error) {
    // Not there, or not ours to see: either is a state that may change.
    return errorCode(error) ?? 'unknown';
  }
};
