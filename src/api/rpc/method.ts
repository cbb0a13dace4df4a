/** One method of the interface: its parameters are checked before it is called, and its help is made of what is declared here. */
import { Fault } from './faults.ts';
import type { Supervisor } from './supervisor.ts';
import type { RpcValue } from './value.ts';

interface Kinds {
  string: string;
  int: number;
  boolean: boolean;
  array: RpcValue[];
}

type Kind = keyof Kinds;

export interface Parameter {
  name: string;
  kind: Kind;
  text: string;
  /** Left out by the caller; absent: it must be given. */
  otherwise?: RpcValue;
}

export interface Method {
  /** One sentence. */
  text: string;
  parameters: readonly Parameter[];
  returns: Kind | 'struct';
  /** Served while everything is being shut down, too. */
  always?: true;
  run: (supervisor: Supervisor, given: Given) => RpcValue | Promise<RpcValue>;
}

export type Methods = Record<string, Method>;

export const NAME: Parameter = { name: 'name', kind: 'string', text: 'a process: name, or group:name' };
export const NAMES: Parameter = { name: 'name', kind: 'string', text: 'a process, or group:* for all of a group' };
export const GROUP: Parameter = { name: 'name', kind: 'string', text: 'a group' };
export const WAIT: Parameter = { name: 'wait', kind: 'boolean', text: 'answer once it is done', otherwise: true };

/** The checked parameters of a call, by name. */
export class Given {
  readonly #values = new Map<string, RpcValue>();

  /** @throws Fault INCORRECT_PARAMETERS */
  constructor(parameters: readonly Parameter[], params: readonly RpcValue[]) {
    if (params.length > parameters.length) throw new Fault('INCORRECT_PARAMETERS');
    for (const [index, { name, kind, otherwise }] of parameters.entries()) {
      const value = index < params.length ? params[index] : otherwise;
      if (value === undefined) throw new Fault('INCORRECT_PARAMETERS');
      this.#values.set(name, READERS[kind](value));
    }
  }

  string(name: string): string {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : '';
  }

  int(name: string): number {
    return Number(this.#values.get(name));
  }

  boolean(name: string): boolean {
    return this.#values.get(name) === true;
  }

  array(name: string): RpcValue[] {
    const value = this.#values.get(name);
    return Array.isArray(value) ? value : [];
  }
}

/** As lenient as Python was: whole numbers may come as text, truth as a number. */
const READERS: { [K in Kind]: (value: RpcValue) => Kinds[K] } = {
  string: (value) => (typeof value === 'string' ? value : refuse()),
  int: (value) => {
    const number = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
    return typeof number === 'number' ? Math.trunc(number) : refuse();
  },
  boolean: (value) => (typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 : refuse()),
  array: (value) => (Array.isArray(value) ? value : refuse()),
};

const refuse = (): never => {
  throw new Fault('INCORRECT_PARAMETERS');
};
