/** What the controller warns of, where one runs: an older shim that still has workers, a key that is not active, PID 1. */
import type { Client } from '../../api/client.ts';
import { ClientError } from '../../api/client-errors.ts';
import { note, ok } from './host-check.ts';
import type { HostCheck } from './host-check.ts';

/** Nothing where no controller answers: `doctor` is also for the time before there is one. */
export async function checkController(client: Pick<Client, 'status'>): Promise<HostCheck[]> {
  try {
    const { controller, warnings } = await client.status([]);
    if (warnings.length === 0) return [ok('controller', `the controller (pid ${controller.pid}) warns of nothing`)];
    return warnings.map((text) => note('controller', text, '`ackwarden status` shows it for as long as it lasts'));
  } catch (error) {
    if (error instanceof ClientError) return [];
    throw error;
  }
}
