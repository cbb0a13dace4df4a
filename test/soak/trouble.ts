/** What befalls a host in a month, in turn, while the messages flow. None of it may cost a message. */
import type { Run, Site } from '../e2e/controller/site.ts';
import { DEAF, isLeaking } from './programs.ts';

export class Trouble {
  readonly #site: Site;
  readonly #programs: Record<string, unknown>;
  readonly #extra: Record<string, unknown>;
  #run: Run;
  #count = 0;

  constructor(site: Site, run: Run, { programs, extra }: Record<'programs' | 'extra', Record<string, unknown>>) {
    this.#site = site;
    this.#run = run;
    this.#programs = programs;
    this.#extra = extra;
  }

  get run(): Run {
    return this.#run;
  }

  /** The next one; resolves, once it is over, to what it was. */
  async next(): Promise<string> {
    const all = [() => this.#killController(), () => this.#recycle(), () => this.#reload()];
    const one = all[this.#count % all.length];
    this.#count += 1;
    return one === undefined ? 'nothing' : one();
  }

  async #killController(): Promise<string> {
    this.#run.process.kill('SIGKILL');
    await this.#run.exited;
    this.#run = await this.#site.run();
    return 'kill -9 of the controller, and another one';
  }

  async #recycle(): Promise<string> {
    const { code, stderr } = await this.#site.cli(
      'recycle',
      ...Object.keys(this.#programs).filter((name) => !isLeaking(name)),
    );
    if (code !== 0) throw new Error(`recycle: ${stderr}`);
    return 'recycle of every healthy worker';
  }

  /** Processes that are replaced, in their own time: of what leaks the deaf one alone, or none would come near its ceiling. */
  async #reload(): Promise<string> {
    const environment = { SOAK_ROUND: String(this.#count) };
    const changed = Object.entries(this.#programs).map(([name, program]) => {
      if (isLeaking(name) && name !== DEAF) return [name, program] as const;
      const known = program as { environment: Record<string, string> };
      return [name, { ...known, environment: { ...known.environment, ...environment } }] as const;
    });
    this.#site.configure(Object.fromEntries(changed), this.#extra);
    const { code, stderr } = await this.#site.cli('reload');
    if (code !== 0) throw new Error(`reload: ${stderr}`);
    return 'reload of a changed workers.yaml: most processes replaced';
  }
}
