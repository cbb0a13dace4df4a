/** The executable `ackwarden`: run one command. */
import { processContext } from './cli/context.ts';
import { execute } from './cli/execute.ts';
import { quickStatus } from './cli/quick-status.ts';
import { showStatus } from './cli/status.ts';

// `ackwarden logs -f … | head`: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// The version is filled in by the bundler (deploy/build.mjs).
const executable = { version: process.env['ACKWARDEN_VERSION'] ?? 'unbundled', platform: process.platform };
const argv = process.argv.slice(2);
const context = processContext();
const quick = quickStatus(argv);
if (quick === null) {
  const { runCommandLine } = await import('./cli/command-line.ts');
  process.exitCode = await runCommandLine(argv, executable, context);
} else {
  process.exitCode = await execute(
    (options) => showStatus(quick.names, options, context),
    quick.options,
    executable,
    context,
  );
}
