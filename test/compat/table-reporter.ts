import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Measured } from './measured.ts';

const HEAD = [
  'driver',
  'version',
  'command',
  'recycles',
  'lost',
  'twice',
  'redelivered',
  'redelivered without gate: TERM / KILL',
];

type Result = Measured & { skipped: string | null };

/** The last word of a run: a row for each driver and command, also for those that were skipped. */
class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = modules.flatMap((module) => [...module.children.allTests()].flatMap(resultOf));
    const firsts = results.filter(({ index }, at) => results.findIndex((other) => other.index === index) === at);
    const rows = firsts.map((first) =>
      cells(
        first,
        results.filter(({ index }) => index === first.index),
      ),
    );
    const lines = [HEAD, HEAD.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
    process.stdout.write(`\n${lines.join('\n')}\n\n`);
  }
}

function resultOf(test: TestCase): Result[] {
  const { compat } = test.meta();
  if (compat === undefined) return [];
  const result = test.result();
  return [{ ...compat, skipped: result.state === 'skipped' ? (result.note ?? 'no reason was given') : null }];
}

/** With the gate: both plans together. Without it: one figure a way to end the worker, with the recycles it took. */
function cells({ driver, version, command, skipped }: Result, ofRow: readonly Result[]): string[] {
  if (skipped !== null) return [driver, version, command, `skipped: ${skipped}`, '', '', '', ''];
  const gated = ofRow.filter(({ kind }) => kind === 'gated').map(({ outcome }) => outcome);
  const sum = (what: keyof NonNullable<Measured['outcome']>): string => {
    const figures = gated.flatMap((outcome) => (outcome === null ? [] : [outcome[what]]));
    return figures.length < gated.length ? '?' : String(figures.reduce((total, figure) => total + figure, 0));
  };
  const without = (wanted: Measured['kind']): string => {
    const outcome = ofRow.find(({ kind }) => kind === wanted)?.outcome ?? null;
    return outcome === null ? '?' : `${outcome.redelivered} in ${outcome.recycles}`;
  };
  const control = `${without('terminated')} / ${without('killed')}`;
  return [driver, version, command, sum('recycles'), sum('lost'), sum('twice'), sum('redelivered'), control];
}

// Vitest loads reporters by their default export.
export default TableReporter;
