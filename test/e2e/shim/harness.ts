/** Builds the shim, starts it in a temporary state directory, and removes every trace of it. */
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readStat } from '../../../src/linux/process-identity.ts';
import { ShimClient } from './client.ts';
import type { HelloFromShim } from './client.ts';

/** Far beyond what anything here takes: only a failure waits for it, on a machine of whatever load. */
const DEADLINE_MS = 60_000;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Bundle src/shim/main.ts as deploy/build.mjs does, into a folder of its own, so that tests can run beside a build. */
export async function buildShim(folder: string): Promise<string> {
  const outfile = join(folder, 'shim.cjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/shim/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    logLevel: 'warning',
    define: { 'process.env.ACKWARDEN_VERSION': '"test"' },
  });
  return outfile;
}

export interface ShimExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class TestShim {
  readonly child: ChildProcess;
  readonly exit: Promise<ShimExit>;
  readonly folder: TestFolder;

  constructor(child: ChildProcess, folder: TestFolder) {
    this.child = child;
    this.folder = folder;
    this.exit = new Promise((settle) => {
      child.once('exit', (code, signal) => settle({ code, signal }));
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The shim was not started.');
    return this.child.pid;
  }

  attach(): Promise<{ client: ShimClient; hello: HelloFromShim }> {
    return ShimClient.attach(this.folder.socket);
  }

  connect(): Promise<ShimClient> {
    return ShimClient.connect(this.folder.socket);
  }
}

/** A state directory, a log directory, and every shim started in them. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'ackwarden-shim-'));
  readonly logDir = join(this.path, 'log');
  readonly #bundle: string;
  readonly #shims: TestShim[] = [];

  constructor(bundle: string) {
    this.#bundle = bundle;
  }

  get socket(): string {
    return join(this.path, 'shim.sock');
  }

  get shimLog(): string {
    return readText(join(this.path, 'shim.log'));
  }

  log(worker: string): string {
    return readText(join(this.logDir, `${worker.replace(':', '-')}.log`));
  }

  /** Start a shim; it is not waited for. */
  spawn(...words: string[]): TestShim {
    const log = openSync(join(this.path, 'shim.log'), 'a', 0o600);
    const child = spawn(process.execPath, [this.#bundle, '--state-dir', this.path, ...words], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', log],
    });
    closeSync(log);
    const shim = new TestShim(child, this);
    this.#shims.push(shim);
    return shim;
  }

  /** Start a shim and wait for its socket; one of an earlier shim may lie there. */
  async start(...words: string[]): Promise<TestShim> {
    const stale = inodeOf(this.socket);
    const listens = (): boolean => ![null, stale].includes(inodeOf(this.socket));
    const shim = this.spawn(...words);
    await Promise.race([untilTrue('the socket of a shim', listens, this.path), shim.exit.then(() => undefined)]);
    if (!listens()) throw new Error(`The shim ended at its start: ${this.shimLog}`);
    return shim;
  }

  /** End every shim (SIGTERM, at last SIGKILL) and remove the folder. */
  async remove(): Promise<void> {
    for (const shim of this.#shims) {
      if (shim.child.exitCode !== null || shim.child.signalCode !== null) continue;
      shim.child.kill('SIGTERM');
      shim.child.kill('SIGCONT');
      const late = setTimeout(() => shim.child.kill('SIGKILL'), 30_000);
      await shim.exit;
      clearTimeout(late);
    }
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Build the shim for a test file, and give each test a folder of its own. */
export function useShim(): { folder: () => TestFolder; bundle: () => string } {
  let bundleFolder = '';
  let bundle = '';
  let folder: TestFolder | null = null;
  beforeAll(async () => {
    bundleFolder = mkdtempSync(join(tmpdir(), 'ackwarden-bundle-'));
    bundle = await buildShim(bundleFolder);
  });
  afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }));
  beforeEach(() => {
    folder = new TestFolder(bundle);
  });
  afterEach(async () => {
    await folder?.remove();
    folder = null;
  });
  return {
    bundle: () => bundle,
    folder: () => {
      if (folder === null) throw new Error('There is a folder only while a test runs.');
      return folder;
    },
  };
}

/** Wait until a file's content satisfies `wanted`. */
export async function untilContent(path: string, wanted: (text: string) => boolean): Promise<string> {
  let text = '';
  await untilTrue(`content of ${path}`, () => wanted((text = readText(path))), join(path, '..'));
  return text;
}

/** Look again at every change in `folder`, and a few times a second in case a change was missed. A look that throws saw nothing. */
export function untilTrue(what: string, isSo: () => boolean, folder: string): Promise<void> {
  let why = '';
  const look = (): boolean => {
    try {
      return isSo();
    } catch (error) {
      why = ` (${String(error)})`;
      return false;
    }
  };
  return new Promise((settle, fail) => {
    if (look()) {
      settle();
      return;
    }
    const watcher = existsSync(folder) ? watch(folder, () => check()) : null;
    const again = setInterval(() => check(), 50);
    const late = setTimeout(() => finish(new Error(`Waited in vain for ${what}${why}.`)), DEADLINE_MS);
    function finish(error: Error | null): void {
      watcher?.close();
      clearInterval(again);
      clearTimeout(late);
      if (error === null) settle();
      else fail(error);
    }
    function check(): void {
      if (look()) finish(null);
    }
  });
}

const inodeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.ino ?? null;

/** Wait until a process that is not our child is gone: nobody tells, so it is asked for. */
export function untilGone(pid: number): Promise<void> {
  return untilTrue(`pid ${pid} to be gone`, () => !isRunning(pid), '/nonexistent');
}

export function isRunning(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== null && String.fromCharCode(stat.state) !== 'Z';
}

/** The content of a file; empty when it is not there, or is moved away while it is looked at. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
