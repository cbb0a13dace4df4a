import pRetry from 'p-retry';
import { probeBroker } from './probe.ts';
import type { ProbeOptions } from './probe.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

export interface WatchOptions extends ProbeOptions {
  signal: AbortSignal;
}

/**
 * Ask a broker that is away again and again, at most 5 s apart, until it answers. Resolves with the sentence of the answer, or
 * with null once `signal` is aborted; never rejects for a broker that stays away.
 */
export async function watchBroker(urls: readonly string[], options: WatchOptions): Promise<string | null> {
  try {
    return await pRetry(() => ask(urls, options), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: FIRST_WAIT_MS,
      maxTimeout: LONGEST_WAIT_MS,
      factor: 2,
      signal: options.signal,
    });
  } catch (error) {
    if (options.signal.aborted) return null;
    throw error;
  }
}

async function ask(urls: readonly string[], options: WatchOptions): Promise<string> {
  const { reachable, text } = await probeBroker(urls, options);
  if (!reachable) throw new Error(text);
  return text;
}
