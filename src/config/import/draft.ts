/** A workers.yaml that is being written: values with the comments above them. */
import type { Tree } from '../effective.ts';

export interface Field {
  value: Tree;
  /** Lines above the key. */
  comments: string[];
}

export interface Draft {
  name: string;
  /** Lines above the program. */
  comments: string[];
  /** In the order of the contract. */
  fields: Map<string, Field>;
  /** Lines of YAML below it that are commented out. */
  hints: string[];
}

export interface Listener {
  name: string;
  comments: string[];
  fields: Map<string, Field>;
}

export interface Document {
  /** Lines at the top. */
  comments: string[];
  defaults: Map<string, Field>;
  groups: Map<string, { value: { programs: string[]; priority?: number }; comments: string[] }>;
  programs: Draft[];
  eventListeners: Listener[];
}
