/** Canaries: programs for the time of a bisect, each like the one under suspicion, with one worker, and one extension less. */
import type { Config, ProgramConfig } from '../../config/types.ts';

/** @param extension that it runs without; null: the control, which has them all */
export const canaryName = (program: string, extension: string | null): string =>
  extension === null ? `${program}.bisect-control` : `${program}.bisect-no-${extension.replaceAll(/[^\w.-]/g, '-')}`;

export const isCanary = (program: string): boolean => /\.bisect-(control$|no-)/.test(program);

export const workerOf = (canary: string): string => `${canary}:0`;

/** All else is as in workers.yaml: the queue, the ceilings, the gate. */
export const canaryOf = (program: ProgramConfig, extension: string | null): ProgramConfig => ({
  ...program,
  name: canaryName(program.name, extension),
  workers: 1,
  firstIndex: 0,
  workerName: '{program}:{index}',
  after: [],
  start: { ...program.start, auto: true },
  php: {
    ...program.php,
    disableExtensions: [...program.php.disableExtensions, ...(extension === null ? [] : [extension])],
  },
});

/** @param gone names of programs @param come programs */
export const withPrograms = (config: Config, gone: readonly string[], come: readonly ProgramConfig[]): Config => {
  const kept = Object.entries(config.programs).filter(([name]) => !gone.includes(name));
  const added = come.map((program) => [program.name, program] as const);
  return Object.freeze({ ...config, programs: Object.freeze(Object.fromEntries([...kept, ...added])) });
};
