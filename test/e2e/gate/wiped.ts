/** A broker that several tests share is as new for the second try of one that failed, and for whoever comes after it. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { afterEach } from 'vitest';
import type { Site } from './site.ts';

/** A channel of this connection, and what forgets all queues that it ever declared: the channel itself may be closed by then. */
export async function openChannel(
  connection: ChannelModel,
): Promise<{ channel: ConfirmChannel; anew: () => Promise<ConfirmChannel> }> {
  const declared = new Set<string>();
  const open = async (): Promise<ConfirmChannel> => {
    const channel = await connection.createConfirmChannel();
    // What goes wrong on it rejects the call that it goes wrong in.
    channel.on('error', () => undefined);
    const assertQueue = channel.assertQueue.bind(channel);
    channel.assertQueue = (name, options) => {
      if (name !== undefined) declared.add(name);
      return assertQueue(name, options);
    };
    return channel;
  };
  const anew = async (): Promise<ConfirmChannel> => {
    const channel = await open();
    for (const name of declared) await channel.deleteQueue(name);
    return channel;
  };
  return { channel: await open(), anew };
}

/** Register that after each test that failed nothing is left of it. */
export function wipeAfterFailures(site: () => Pick<Site, 'channel' | 'dir' | 'anew'>): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const here = site();
    here.channel = await here.anew();
    for (const name of readdirSync(here.dir)) if (name.endsWith('.log')) rmSync(join(here.dir, name));
  });
}
