/** What happens, as events with the payloads of supervisord (supervisord.md, section 3.6). */
import type { ListenerEventName } from '../../config/event-names.ts';
import type { SupervisorName } from '../supervisor-names.ts';
import type { Change } from './transitions.ts';

export interface ListenerEvent {
  eventName: ListenerEventName;
  payload: string;
}

export const stateEvent = (change: Change, { group, name }: SupervisorName): ListenerEvent => ({
  eventName: `PROCESS_STATE_${change.to}`,
  payload: [`processname:${name} groupname:${group} from_state:${change.from}`, ...details(change)].join(' '),
});

const details = (change: Change): string[] => {
  switch (change.to) {
    case 'STARTING':
    case 'BACKOFF':
      return [`tries:${change.tries}`];
    case 'EXITED':
      return [`expected:${change.expected ? 1 : 0}`, `pid:${change.pid ?? 0}`];
    case 'RUNNING':
    case 'STOPPING':
    case 'STOPPED':
      return [`pid:${change.pid ?? 0}`];
    case 'FATAL':
      return [];
  }
};

export const groupEvent = (group: string, what: 'ADDED' | 'REMOVED'): ListenerEvent => ({
  eventName: `PROCESS_GROUP_${what}`,
  payload: `groupname:${group}\n`,
});

export const supervisorEvent = (what: 'RUNNING' | 'STOPPING'): ListenerEvent => ({
  eventName: `SUPERVISOR_STATE_CHANGE_${what}`,
  payload: '',
});

/** `type` and `data` as somebody gave them to sendRemoteCommEvent. */
export const remoteEvent = (type: string, data: string): ListenerEvent => ({
  eventName: 'REMOTE_COMMUNICATION',
  payload: `type:${type}\n${data}`,
});

const PERIODS = [5, 60, 3600] as const;

/** The ticks between two readings of the wall clock (seconds since the epoch): each period whose slice is another one now. */
export const ticksBetween = (before: number, now: number): ListenerEvent[] =>
  PERIODS.filter((period) => sliceOf(before, period) !== sliceOf(now, period)).map((period) => ({
    eventName: `TICK_${period}`,
    payload: `when:${sliceOf(now, period)}`,
  }));

const sliceOf = (seconds: number, period: number): number => Math.floor(seconds / period) * period;
