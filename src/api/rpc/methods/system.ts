/** `system.*`: what there is to call, and several calls in one. */
import { Fault } from '../faults.ts';
import type { Method, Methods, Parameter } from '../method.ts';
import type { MethodCall, RpcValue } from '../value.ts';

const METHOD: Parameter = { name: 'name', kind: 'string', text: 'a method with its namespace' };
const CALLS: Parameter = { name: 'calls', kind: 'array', text: 'structs of methodName and params' };

export const systemMethods = (all: () => Methods, call: (call: MethodCall) => Promise<RpcValue>): Methods => ({
  listMethods: {
    text: 'The names of all methods.',
    parameters: [],
    returns: 'array',
    always: true,
    run: () => Object.keys(all()).toSorted(),
  },
  methodHelp: {
    text: 'What a method does, takes and returns.',
    parameters: [METHOD],
    returns: 'string',
    always: true,
    run: (_supervisor, given) => helpOf(methodOf(all(), given.string('name'))),
  },
  methodSignature: {
    text: 'The type a method returns and the types of its parameters.',
    parameters: [METHOD],
    returns: 'array',
    always: true,
    run: (_supervisor, given) => {
      const { returns, parameters } = methodOf(all(), given.string('name'));
      return [returns, ...parameters.map(({ kind }) => kind)];
    },
  },
  multicall: {
    text: 'Make several calls, one after the other; a fault of one is its result.',
    parameters: [CALLS],
    returns: 'array',
    always: true,
    run: async (_supervisor, given) => {
      const results: RpcValue[] = [];
      for (const one of given.array('calls')) results.push(await resultOf(one, call));
      return results;
    },
  },
});

const methodOf = (methods: Methods, name: string): Method => {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) throw new Fault('SIGNATURE_UNSUPPORTED');
  return method;
};

const helpOf = ({ text, parameters, returns }: Method): string =>
  [
    text,
    '',
    ...parameters.map(({ name, kind, text: meaning }) => `@param ${kind} ${name}  ${meaning}`),
    `@return ${returns}`,
  ].join('\n');

const resultOf = async (one: RpcValue, call: (call: MethodCall) => Promise<RpcValue>): Promise<RpcValue> => {
  try {
    return await call(callIn(one));
  } catch (error) {
    if (error instanceof Fault) return { faultCode: error.code, faultString: error.message };
    throw error;
  }
};

const callIn = (one: RpcValue): MethodCall => {
  if (typeof one !== 'object' || Array.isArray(one)) throw new Fault('INCORRECT_PARAMETERS', 'No methodName');
  const { methodName: method, params = [] } = one;
  if (typeof method !== 'string') throw new Fault('INCORRECT_PARAMETERS', 'No methodName');
  if (!Array.isArray(params)) throw new Fault('INCORRECT_PARAMETERS');
  if (method === 'system.multicall') throw new Fault('INCORRECT_PARAMETERS', 'Recursive system.multicall forbidden');
  return { method, params };
};
