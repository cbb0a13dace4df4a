/** Words of a caller for the event listeners. */
import type { Methods, Parameter } from '../method.ts';

const TYPE: Parameter = { name: 'type', kind: 'string', text: 'what kind of event it is' };
const DATA: Parameter = { name: 'data', kind: 'string', text: 'whatever the listeners are to read' };

export const eventMethods: Methods = {
  sendRemoteCommEvent: {
    text: 'Send a REMOTE_COMMUNICATION event to the event listeners that want it.',
    parameters: [TYPE, DATA],
    returns: 'boolean',
    always: true,
    run: (supervisor, given) => {
      supervisor.tellListeners(given.string('type'), given.string('data'));
      return true;
    },
  },
};
