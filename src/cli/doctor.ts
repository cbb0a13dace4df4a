/** `ackwarden doctor`: what this host lets us do, what follows from it, what to do; exit 1 if `run` cannot work here. */
import { painter } from './colour.ts';
import type { Colour } from './colour.ts';
import type { Context, GlobalOptions } from './context.ts';
import { checkInit, checkKernel, checkNode, checkPs, checkSystemd, checkTools } from './doctor/basics.ts';
import { checkConfiguration } from './doctor/broker.ts';
import { checkController } from './doctor/controller.ts';
import { note, ok } from './doctor/host-check.ts';
import type { HostCheck } from './doctor/host-check.ts';
import { createHostReader } from './doctor/host-reader.ts';
import type { HostReader } from './doctor/host-reader.ts';
import { checkCgroup, checkMemoryLimit, checkOomGroup, checkPressure, checkSwap } from './doctor/memory.ts';
import { checkOomScore, checkPtrace, checkUser } from './doctor/privileges.ts';
import { checkPerf, checkPhp, checkRabbit } from './doctor/software.ts';
import { artisanWorkers } from './doctor/unsupervised.ts';
import type { ArtisanWorker } from './doctor/unsupervised.ts';
import { formatBytes } from './format.ts';
import { stripControls } from './plain.ts';
import type { Terminal } from './terminal.ts';
import { connect } from './target.ts';
import { pad, wrap } from './width.ts';

export interface Report {
  /** False: `run` cannot work here. */
  ok: boolean;
  checks: HostCheck[];
  artisanWorkers: ArtisanWorker[];
}

export function checkArtisan(workers: readonly ArtisanWorker[]): HostCheck {
  const alone = workers.filter(({ supervisedBy }) => supervisedBy === null);
  if (alone.length === 0) {
    const supervisors = new Set(workers.map(({ supervisedBy }) => supervisedBy));
    const by = [...supervisors].map((name) =>
      name === 'unknown' ? 'supervision unknown: not readable' : `under ${name ?? ''}`,
    );
    if (workers.length === 0) return ok('artisan', 'no artisan queue worker runs here');
    return ok('artisan', `${workers.length} artisan queue workers run here (${by.join(', ')})`);
  }
  const list = alone
    .map(({ pid, rssBytes, command }) => `pid ${pid} (${formatBytes(rssBytes)}): ${command}`)
    .join('; ');
  const remedy = 'give each a program in workers.yaml, then end these with SIGTERM';
  return note(
    'artisan',
    `artisan workers that nobody supervises: ${list}`,
    'nobody restarts them or bounds their memory',
    remedy,
  );
}

/** Everything that needs no configuration. */
export async function examine(host: HostReader): Promise<Report> {
  const workers = artisanWorkers(host);
  const checks = [
    checkKernel(host),
    checkNode(host),
    checkTools(host),
    checkPs(host),
    checkUser(host),
    checkInit(host),
    checkSystemd(host),
    ...(await checkPhp(host)),
    checkRabbit(host),
    checkMemoryLimit(host),
    checkSwap(host),
    checkPressure(host),
    checkCgroup(host),
    checkOomGroup(host),
    checkOomScore(host),
    checkPtrace(host),
    await checkPerf(host),
    checkArtisan(workers),
  ];
  return { ok: checks.every(({ blocking }) => !blocking), checks, artisanWorkers: workers };
}

const LEVEL_COLOURS: Readonly<Record<HostCheck['level'], Colour>> = { ok: 'green', note: 'yellow', problem: 'red' };

export function reportLines(report: Report, terminal: Terminal): string[] {
  const paint = painter(terminal.colour);
  const lines = report.checks.flatMap(({ level, text, consequence, remedy }) => {
    const follows = consequence === null ? '' : `: ${consequence}`;
    const first = wrap(stripControls(`${text}${follows}`), terminal.columns - 9);
    const todo =
      remedy === null ? [] : wrap(`to do: ${remedy}`, terminal.columns - 9).map((line) => paint('dim', line));
    const head = `${paint(LEVEL_COLOURS[level], pad(level, 8))} `;
    return [...first, ...todo].map((line, at) => (at === 0 ? head : ' '.repeat(9)) + line);
  });
  const verdict = report.ok
    ? paint('green', '`ackwarden run` can work here.')
    : paint('red', '`ackwarden run` cannot work here: see problem.');
  return [...lines, verdict];
}

export async function showDoctor(options: GlobalOptions, context: Context): Promise<number> {
  const host = createHostReader(context.env);
  const report = await examine(host);
  report.checks.push(...(await checkConfiguration(options, context)));
  const client = await connect(options, context).catch(() => null);
  if (client !== null) report.checks.push(...(await checkController(client)));
  if (options.json) context.stdout.write(`${JSON.stringify(report)}\n`);
  else context.stdout.write(`${reportLines(report, context.stdout.terminal).join('\n')}\n`);
  return report.ok ? 0 : 1;
}
