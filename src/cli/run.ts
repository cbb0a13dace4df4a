/** `ackwarden run`: holds the place until the controller is here. */
import { UsageError } from './context.ts';
import type { Context } from './context.ts';

export interface RunOptions {
  /** `-c FILE` as given. */
  file: string | null;
  /** Show what happens also where stdout is no terminal. */
  watch: boolean;
}

export function run(_options: RunOptions, _io: Context): Promise<number> {
  return Promise.reject(new UsageError('run is not built yet'));
}
