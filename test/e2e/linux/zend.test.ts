/** The Zend heap of real PHP processes, against what they say of themselves. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { ZendReader } from '../../../src/linux/zend-reader.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/**
 * Says both figures, and then takes nothing and gives nothing back until SIGUSR1: then it reads how many bytes to take (0: give the last
 * ones back; -1: neither; -2: become this program anew).
 */
const TELLS = `pcntl_async_signals(true); $go = false; $kept = [];
  pcntl_signal(SIGUSR1, function () { $GLOBALS['go'] = true; });
  echo "the first output takes a little for itself\\n";
  while (true) {
    $go = false;
    echo memory_get_usage(), ' ', memory_get_usage(true), "\\n";
    while (!$go) usleep(1000);
    $bytes = (int) fgets(STDIN);
    if ($bytes === -2) pcntl_exec(PHP_BINARY, ['-r', getenv('TELLS')]);
    if ($bytes > 0) $kept[] = str_repeat('x', $bytes); else if ($bytes === 0) array_pop($kept);
  }`;

interface Figures {
  usedBytes: number;
  realBytes: number;
}

interface Teller {
  pid: number;
  child: ChildProcess;
  says: () => Promise<Figures>;
  after: (bytes: number) => Promise<Figures>;
}

const tell = (command: string[], environment: Record<string, string> = {}): Teller => {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TELLS, ...environment },
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const says = async (): Promise<Figures> => {
    let { value } = (await lines.next()) as { value: string };
    if (value.startsWith('the first')) ({ value } = (await lines.next()) as { value: string });
    const [usedBytes = 0, realBytes = 0] = value.split(' ').map(Number);
    return { usedBytes, realBytes };
  };
  const after = (bytes: number): Promise<Figures> => {
    child.stdin.write(`${bytes}\n`);
    child.kill('SIGUSR1');
    return says();
  };
  return { child, pid: child.pid ?? 0, says, after };
};

/** A reading within a dozen tries: the search rests between failures, by readings and not by time. */
const read = (reader: ZendReader): ReturnType<ZendReader['read']> => {
  for (let tries = 0; tries < 12; tries += 1) {
    const heap = reader.read();
    if (heap !== null) return heap;
  }
  return null;
};

describe('the Zend heap, read from outside', () => {
  test('is to the byte what PHP says, as it grows and shrinks', async () => {
    const php = tell(['php', '-r', TELLS]);
    const reader = new ZendReader(php.pid);
    const said = await php.says();
    expect(read(reader)).toEqual(said);
    for (const bytes of [100, 5_000_000, 70_000_000, 0, 0, 1_000, -1, 0]) {
      const next = await php.after(bytes);
      expect(read(reader)).toEqual(next);
    }
    reader.close();
  });

  test('USE_ZEND_ALLOC=0: unknown, with the reason', async () => {
    const php = tell(['php', '-r', TELLS], { USE_ZEND_ALLOC: '0' });
    await php.says();
    const reader = new ZendReader(php.pid);
    expect(read(reader)).toBeNull();
    expect(reader.why).toMatch(/no Zend heap|allocator of its own/);
  });

  test('a process that is no PHP: unknown', () => {
    const { pid } = tell(['sleep', '100']);
    const reader = new ZendReader(pid);
    expect(read(reader)).toBeNull();
    expect(reader.why).toMatch(/no Zend heap/);
  });

  test('after exec the heap of the new program is found', async () => {
    const php = tell(['php', '-r', TELLS]);
    const reader = new ZendReader(php.pid);
    await php.says();
    const before = await php.after(9_000_000);
    expect(read(reader)).toEqual(before);
    const after = await php.after(-2);
    expect(read(reader)).toEqual(after);
    expect(after.usedBytes).toBeLessThan(before.usedBytes);
  });

  test('a process that is gone: unknown, with the reason', async () => {
    const php = tell(['php', '-r', TELLS]);
    const reader = new ZendReader(php.pid);
    await php.says();
    expect(read(reader)).not.toBeNull();
    php.child.kill('SIGKILL');
    await once(php.child, 'exit');
    expect(read(reader)).toBeNull();
    expect(reader.why).toMatch(/gone|no such/);
  });
});
