import treeKill from 'tree-kill';
import { findExecutable } from '../linux/find-executable.ts';
import { shimLog } from './shim-log.ts';

/**
 * SIGKILL a process and all its children by tree-kill. It goes by bare pids, so it is the very last rung, and only for a child that
 * is not reaped yet. It runs ps(1), and without one its unhandled error would end this process: that is checked first.
 */
export function killTree(pid: number): void {
  const ps = findExecutable('ps', '/', process.env['PATH']);
  if ('problem' in ps) {
    shimLog(`Pid ${pid} does not die of SIGKILL, and tree-kill cannot be tried: ${ps.problem}`);
    return;
  }
  shimLog(`Pid ${pid} does not die of SIGKILL: trying tree-kill.`);
  treeKill(pid, 'SIGKILL', (error) => {
    if (error !== undefined) shimLog(`tree-kill of pid ${pid} failed: ${error.message}`);
  });
}
