import type { Account } from '../linux/passwd.ts';
import { userVariables } from '../linux/user-variables.ts';
import { INCARNATION_VARIABLE, MARKER_VARIABLE, markerOf } from './marked-processes.ts';
import type { SpawnSpec } from './spawn-spec.ts';

/** The environment of a worker: that of its spec, the two markers, and with a user that user's own variables. */
export function workerEnvironment(spec: SpawnSpec, life: string, account: Account | null): Record<string, string> {
  const environment: Record<string, string> = {
    [INCARNATION_VARIABLE]: spec.incarnation,
    ...spec.environment,
    [MARKER_VARIABLE]: markerOf(life, spec.incarnation),
  };
  return account === null ? environment : { ...environment, ...userVariables(environment, account) };
}
