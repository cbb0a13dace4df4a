import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processTree } from '../../../src/linux/process-tree.ts';

test('a process, its children and theirs, parents first; of one that is gone nothing but itself', async () => {
  const child = spawn('sh', ['-c', 'sh -c "echo up; read line; exit" ; exit'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const pid = child.pid ?? 0;
  await once(child.stdout, 'data');
  const tree = processTree(pid);
  expect(tree[0]).toBe(pid);
  expect(tree).toHaveLength(2);
  child.stdin.end('end');
  await once(child, 'exit');
  expect(processTree(pid)).toEqual([pid]);
});
