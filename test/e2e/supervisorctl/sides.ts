/** The same programs under real supervisord and under ackwarden, and Debian's supervisorctl in front of either. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Site } from '../controller/site.ts';
import { freePort } from './free-port.ts';
import { PASSWORD, supervisordConf, workersYaml } from './programs.ts';

export interface Call {
  args: string[];
  /** Typed by the person. */
  input?: string;
  /** It would go on for ever: hang up once it has said something, and then nothing for a second. */
  follows?: boolean;
  /** Hang up after so long, whatever it says. */
  forMs?: number;
}

export interface Result {
  output: string;
  code: number | null;
}

export interface Side {
  url: string;
  /** The same over TCP; `HTTP` among the arguments of a call stands for it. */
  http: string;
  /** With this prefix every path of this side begins. */
  root: string;
  call: (call: Call) => Promise<Result>;
  /** The configuration as it is to be from now on. */
  configure: (variant: Variant) => void;
  /** Resolves when it has ended of itself. */
  ended: Promise<unknown>;
  dispose: () => Promise<void>;
}

/** `second`: a program is gone, one is new, one has changed. */
export type Variant = 'first' | 'second' | 'broken';

const DEADLINE_MS = 60_000;
const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));

/** One supervisorctl after the other (driver.py). */
export class Supervisorctl {
  readonly #process = spawn('/usr/bin/python3', [DRIVER], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1' },
  });
  readonly #answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  readonly #base: string[];

  constructor(...base: string[]) {
    this.#base = base;
  }

  async call({ args, input = '', follows = false, forMs = DEADLINE_MS }: Call): Promise<Result> {
    const call = { args: [...this.#base, ...args], input, follows, seconds: forMs / 1000 };
    this.#process.stdin.write(`${JSON.stringify(call)}\n`);
    const { value } = (await this.#answers.next()) as { value: string };
    return JSON.parse(value) as Result;
  }

  end(): void {
    this.#process.stdin.end();
  }
}

const withUrl = ({ args, ...call }: Call, http: string): Call => ({
  ...call,
  args: args.map((argument) => (argument === 'HTTP' ? http : argument)),
});

export const startSupervisord = async (): Promise<Side> => {
  const root = mkdtempSync(join(tmpdir(), 'supervisord-'));
  const file = join(root, 'supervisord.conf');
  const port = await freePort();
  const configure = (variant: Variant): void => writeFileSync(file, supervisordConf(root, port, variant));
  configure('first');
  const daemon: ChildProcess = spawn('supervisord', ['-n', '-c', file], {
    stdio: 'ignore',
    cwd: root,
    env: { ...process.env, LANG: 'C.UTF-8' },
  });
  const exited = new Promise((resolve) => daemon.once('exit', resolve));
  const url = `unix://${root}/control.sock`;
  const http = `http://127.0.0.1:${port}`;
  const ctl = new Supervisorctl('-s', url);
  return {
    url,
    http,
    root,
    configure,
    call: (call) => ctl.call(withUrl(call, http)),
    ended: exited,
    dispose: async () => {
      ctl.end();
      daemon.kill('SIGTERM');
      const killer = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(killer);
      rmSync(root, { recursive: true, force: true });
    },
  };
};

export const startAckwarden = async (): Promise<Side> => {
  const site = new Site({}, {});
  const port = await freePort();
  const configure = (variant: Variant): void => site.rewrite(workersYaml(port, variant));
  configure('first');
  writeFileSync(site.path('token'), 'a token of a good length\n', { mode: 0o600 });
  writeFileSync(site.path('password'), `${PASSWORD}\n`, { mode: 0o600 });
  const { exited } = await site.run();
  const url = `unix://${site.path('state', 'control.sock')}`;
  const http = `http://127.0.0.1:${port}`;
  const ctl = new Supervisorctl('-s', url);
  return {
    url,
    http,
    root: site.root,
    configure,
    call: (call) => ctl.call(withUrl(call, http)),
    ended: exited,
    dispose: () => {
      ctl.end();
      return site.dispose();
    },
  };
};
