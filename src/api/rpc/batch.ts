/** One call on many processes: all at once, one result for each, in the order of their priority. */
import { Fault, SUCCESS } from './faults.ts';
import type { SupervisedProcess } from './supervisor.ts';
import type { RpcValue } from './value.ts';

type Action = (process: SupervisedProcess) => unknown;

/** A fault of one is that one's result; any other error fails the whole call. */
export const inBatch = (processes: readonly SupervisedProcess[], action: Action): Promise<RpcValue> =>
  Promise.all(processes.map((process) => itemOf(process, action)));

const itemOf = async (process: SupervisedProcess, action: Action): Promise<RpcValue> => {
  const { name, group } = process;
  try {
    await action(process);
    return { name, group, status: SUCCESS, description: 'OK' };
  } catch (error) {
    if (error instanceof Fault) return { name, group, status: error.code, description: error.message };
    throw error;
  }
};
