/** What a test of drivers.test.ts hands to the table. */
export interface Measured {
  index: number;
  driver: string;
  version: string;
  command: string;
  kind: 'gated' | 'terminated' | 'killed';
  /** Null: skipped, or failed before there was a result. */
  outcome: { recycles: number; lost: number; twice: number; redelivered: number } | null;
}

declare module 'vitest' {
  interface TaskMeta {
    compat?: Measured;
  }
}
