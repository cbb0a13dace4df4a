import type { TestProject } from 'vitest/node';
import { installAll } from './applications.ts';
import type { Installed } from './applications.ts';

declare module 'vitest' {
  interface ProvidedContext {
    applications: Record<string, Installed>;
  }
}

/** Before the tests are collected: what is there decides which of them run. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('applications', await installAll((text) => process.stdout.write(`compat: ${text}\n`)));
}
