/** A program → its workers, with the template words filled in. */
import { fillTemplate } from './templates.ts';
import type { TemplateWords } from './templates.ts';
import type { LogConfig, ProgramConfig, WorkerConfig } from './types.ts';

/** The name of the worker with this index (`firstIndex` … `firstIndex + workers - 1`): `program:0` unless workerName says otherwise. */
export function workerNameOf(program: Pick<ProgramConfig, 'name' | 'workerName'>, index: number): string {
  return fillTemplate(program.workerName, { program: program.name, worker: `${program.name}-${index}`, index });
}

function expandLog(log: LogConfig, words: TemplateWords): LogConfig {
  return { ...log, path: fillTemplate(log.path, words) };
}

/** One worker. In log paths `{worker}` is `program-index`, so that a file name never holds a colon; elsewhere it is the worker's name. */
export function expandWorker(program: ProgramConfig, index: number): WorkerConfig {
  const name = workerNameOf(program, index);
  const words = { program: program.name, worker: name, index };
  const fileWords = { ...words, worker: `${program.name}-${index}` };
  const environment = Object.entries(program.environment).map(
    ([key, value]) => [key, fillTemplate(value, words)] as const,
  );
  return {
    name,
    program: program.name,
    index,
    command: program.command.map((word) => fillTemplate(word, words)),
    environment: Object.fromEntries(environment),
    stdout: expandLog(program.stdout, fileWords),
    stderr: program.stderr === 'stdout' ? 'stdout' : expandLog(program.stderr, fileWords),
  };
}

/** All workers of a program, in the order of their indexes. */
export function expandWorkers(program: ProgramConfig): WorkerConfig[] {
  return Array.from({ length: program.workers }, (_, offset) => expandWorker(program, program.firstIndex + offset));
}
