/** `ackwarden doctor`: what this host lets us do. */
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';

export function showDoctor(_options: GlobalOptions, _context: Context): Promise<number> {
  return Promise.reject(new UsageError('doctor is not built yet'));
}
