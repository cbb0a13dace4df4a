/** Entry point of the shim process: `shim.cjs --state-dir DIR [--slot N] [--sampling MS]`, started by the controller. */
import { parseShimArguments } from './arguments.ts';
import type { ShimArguments } from './arguments.ts';
import { EXIT_FAILED, EXIT_USAGE, runShim } from './run-shim.ts';
import { shimLog } from './shim-log.ts';

function readArguments(): ShimArguments | null {
  try {
    return parseShimArguments(process.argv.slice(2));
  } catch (error) {
    shimLog(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function main(): Promise<number> {
  // A terminal that goes away, or Ctrl-C in it, is not meant for us: the workers depend on this process.
  process.on('SIGHUP', () => undefined);
  process.on('SIGINT', () => undefined);
  process.chdir('/');
  const shimArguments = readArguments();
  if (shimArguments === null) return EXIT_USAGE;
  try {
    return await runShim(shimArguments);
  } catch (error) {
    shimLog(error instanceof Error ? error.message : String(error));
    return EXIT_FAILED;
  }
}

// A fault in one part must not take the workers with it: it is written down, with its stack because it is ours to mend.
process.on('uncaughtException', (error) => shimLog(`Internal fault: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (error) => {
  shimLog(`Internal fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
});

void main().then((status) => process.exit(status));
