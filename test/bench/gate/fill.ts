import { randomBytes } from 'node:crypto';
import type { Site } from '../../e2e/gate/site.ts';

/** So many are unconfirmed at most: a mebibyte each, they would else be in the broker's memory and ours at once. */
const UNCONFIRMED_BYTES = 16 * 1024 * 1024;

/** Put `count` transient messages of `size` bytes into a classic queue; resolves once the broker has them all. */
export const fillQueue = async ({ channel }: Site, queue: string, count: number, size: number): Promise<void> => {
  await channel.assertQueue(queue, { durable: true });
  const body = randomBytes(size);
  const batch = Math.max(1, Math.floor(UNCONFIRMED_BYTES / size));
  for (let sent = 0; sent < count; sent += 1) {
    channel.sendToQueue(queue, body);
    if (sent % batch === batch - 1) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
};
