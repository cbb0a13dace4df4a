/** One row of a real process and its children, as the sampler counts them. */
import { readFileSync } from 'node:fs';
import { emptyStatus, parseStatus } from '../../../src/linux/proc-status.ts';
import type { ZendReader } from '../../../src/linux/zend-reader.ts';
import type { Row } from '../generate.ts';

export const readRow = (
  pid: number,
  children: readonly number[],
  zend: ZendReader,
): Omit<Row, 'seconds' | 'acknowledged'> => {
  const own = statusOf(pid);
  const ofChildren = children.reduce((sum, child) => sum + (statusOf(child).rssBytes ?? 0), 0);
  return {
    rssBytes: (own.rssBytes ?? 0) + ofChildren,
    anonBytes: (own.anonBytes ?? 0) + ofChildren,
    swapBytes: own.swapBytes ?? 0,
    zendBytes: zend.read()?.realBytes ?? 0,
  };
};

const statusOf = (pid: number): ReturnType<typeof emptyStatus> => {
  const text = readFileSync(`/proc/${pid}/status`);
  const status = emptyStatus();
  parseStatus(text, text.length, status);
  return status;
};
