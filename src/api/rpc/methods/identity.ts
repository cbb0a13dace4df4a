/** Who answers, and in which state. */
import type { Methods } from '../method.ts';

const API_VERSION = '3.0';
/** What Debian ships and clients were tested with; our own version is in `/api/v1/status`. */
const SUPERVISOR_VERSION = '4.2.5';

export const identityMethods: Methods = {
  getAPIVersion: {
    text: 'The version of this interface.',
    parameters: [],
    returns: 'string',
    run: () => API_VERSION,
  },
  getVersion: {
    text: 'The same as getAPIVersion.',
    parameters: [],
    returns: 'string',
    run: () => API_VERSION,
  },
  getSupervisorVersion: {
    text: 'The version of supervisord whose interface this is.',
    parameters: [],
    returns: 'string',
    run: () => SUPERVISOR_VERSION,
  },
  getIdentification: {
    text: 'The identifier, always supervisor.',
    parameters: [],
    returns: 'string',
    run: () => 'supervisor',
  },
  getState: {
    text: 'The state of the controller: RUNNING, or else this call has the fault SHUTDOWN_STATE.',
    parameters: [],
    returns: 'struct',
    run: () => ({ statecode: 1, statename: 'RUNNING' }),
  },
  getPID: {
    text: 'The process id of the controller.',
    parameters: [],
    returns: 'int',
    run: () => process.pid,
  },
  shutdown: {
    text: 'Drain and stop everything, and end. Answers before it begins.',
    parameters: [],
    returns: 'boolean',
    run: (supervisor) => {
      supervisor.shutdown();
      return true;
    },
  },
};
