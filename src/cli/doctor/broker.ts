/** Whether the broker of a configuration can be reached. */
import type { Context, GlobalOptions } from '../context.ts';
import type { HostCheck } from './host-check.ts';

/** Nothing where no configuration is given and none lies at a usual place. */
export function checkBroker(_options: GlobalOptions, _context: Context): Promise<HostCheck[]> {
  return Promise.resolve([]);
}
