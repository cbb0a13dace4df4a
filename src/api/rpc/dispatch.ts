/** A call → the method of that name. Names are looked up in a table, never followed into objects (CVE-2017-11610 in supervisord). */
import { Fault } from './faults.ts';
import { Given } from './method.ts';
import type { Methods } from './method.ts';
import { eventMethods } from './methods/events.ts';
import { clearLogMethods } from './methods/clear-logs.ts';
import { configMethods } from './methods/config-info.ts';
import { groupMethods } from './methods/groups.ts';
import { identityMethods } from './methods/identity.ts';
import { logMethods } from './methods/logs.ts';
import { mainLogMethods } from './methods/main-log.ts';
import { processMethods } from './methods/processes.ts';
import { signalMethods } from './methods/signal.ts';
import { startMethods } from './methods/start.ts';
import { stopMethods } from './methods/stop.ts';
import { systemMethods } from './methods/system.ts';
import { stdinMethods } from './methods/stdin.ts';
import type { Supervisor } from './supervisor.ts';
import type { MethodCall, RpcValue } from './value.ts';

const inNamespace = (namespace: string, methods: Methods): Methods =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [`${namespace}.${name}`, method]));

/** @throws (from the function it returns) Fault */
export const dispatcher = (supervisor: Supervisor): ((call: MethodCall) => Promise<RpcValue>) => {
  const call = async ({ method: name, params }: MethodCall): Promise<RpcValue> => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method === undefined) throw new Fault('UNKNOWN_METHOD');
    const given = new Given(method.parameters, params);
    if (method.always !== true && supervisor.isShuttingDown()) throw new Fault('SHUTDOWN_STATE');
    return method.run(supervisor, given);
  };
  const methods: Methods = {
    ...inNamespace('supervisor', {
      ...identityMethods,
      ...processMethods,
      ...startMethods,
      ...stopMethods,
      ...signalMethods,
      ...logMethods,
      ...clearLogMethods,
      ...mainLogMethods,
      ...eventMethods,
      ...configMethods,
      ...groupMethods,
      ...stdinMethods,
    }),
    ...inNamespace(
      'system',
      systemMethods(() => methods, call),
    ),
  };
  return call;
};
