/** `ackwarden check`: holds the place until the configuration is here. */
import { UsageError } from './context.ts';
import type { Context } from './context.ts';

export interface CheckOptions {
  /** `-c FILE` as given. */
  file: string | null;
  json: boolean;
}

export function check(_options: CheckOptions, _io: Context): Promise<number> {
  return Promise.reject(new UsageError('check is not built yet'));
}
