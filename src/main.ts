/** The executable `ackwarden`: parse the command line, run one command. */
import { runCommandLine } from './cli/command-line.ts';
import { processContext } from './cli/context.ts';

// `ackwarden logs -f … | head`: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Filled in by the bundler (deploy/build.mjs).
const version = process.env['ACKWARDEN_VERSION'] ?? 'unbundled';
process.exitCode = await runCommandLine(
  process.argv.slice(2),
  { version, platform: process.platform },
  processContext(),
);
