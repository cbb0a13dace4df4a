import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** End-to-end tests run the bundles that users run. */
export function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../deploy/build.mjs', import.meta.url))], {
    stdio: 'inherit',
  });
}
