import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './report.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** An interrupt that came between two steps: the next one is then not begun. @type {{ by: string | null }} */
const late = { by: null };
const onLate = (/** @type {NodeJS.Signals} */ signal) => (late.by ??= signal);

/** From now on a signal does not end us, until the returned function is called. */
export function holdSignals() {
  SIGNALS.forEach((signal) => process.on(signal, onLate));
  return () => SIGNALS.forEach((signal) => process.off(signal, onLate));
}

/**
 * Runs a command with our terminal and waits for its end. Signals are handed on to the child, SIGINT
 * too: a Ctrl-C just before the child existed reached only us. We outlive the child either way, so that what was set aside is put back (policy.mjs).
 *
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: the child's output is dropped
 * @returns {Promise<{ code: number | null, signal: string | null, interrupted: boolean }>} code 127: no such program
 */
export function run(argv, options = {}) {
  const [file = '', ...args] = argv;
  if (late.by !== null) return Promise.resolve({ code: null, signal: late.by, interrupted: true });
  return new Promise((resolve, reject) => {
    let interrupted = false;
    // Children report on stderr for the reason given at say().
    const stdio = options.quiet ? 'ignore' : /** @type {const} */ (['inherit', 2, 2]);
    const child = spawn(file, args, { stdio, cwd: options.cwd, env: options.env ?? process.env });
    const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
      interrupted = true;
      child.kill(signal);
    };
    const settle = () => SIGNALS.forEach((signal) => process.off(signal, onSignal));
    SIGNALS.forEach((signal) => process.on(signal, onSignal));
    child.once('error', (error) => {
      settle();
      if ('code' in error && error.code === 'ENOENT') resolve({ code: 127, signal: null, interrupted });
      else reject(error);
    });
    child.once('close', (code, signal) => {
      settle();
      resolve({ code, signal, interrupted });
    });
  });
}

/**
 * run(), for a step that must succeed.
 * @param {string[]} argv
 * @param {string} failure sentence for the person when it does not
 * @param {Parameters<typeof run>[1]} [options]
 */
export async function mustRun(argv, failure, options) {
  const result = await run(argv, options);
  if (result.interrupted) throw new SetupError('interrupted; run the same command again to continue.', 130);
  if (result.code !== 0) {
    const how = result.code === null ? `was ended by ${result.signal}` : `exited with ${result.code}`;
    throw new SetupError(`${argv[0]} ${how}. ${failure}`);
  }
}

/** Whether a program is in PATH (or at the absolute path given). @param {string} program */
export function isInstalled(program) {
  const folders = program.startsWith('/') ? [''] : [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // Not here; the next folder may have it.
    }
  });
}
