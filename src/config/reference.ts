/** docs/reference/workers-yaml.md, generated from the schema. A test compares the file with this. */
import * as z from 'zod';
import type { KeyInfo } from './schema/leaf.ts';
import { program } from './schema/program.ts';
import { root } from './schema/root.ts';
import { infoOf, shapeOf, unwrap } from './schema/walk.ts';
import type { Schema } from './schema/walk.ts';

interface Row {
  key: string;
  info: KeyInfo;
}

const INTRODUCTION = `# workers.yaml

<!-- Generated from src/config/schema; do not edit. \`UPDATE=1 npx vitest run test/unit/config/generate.test.ts\` writes it anew. -->

One YAML file says what runs and within which limits. \`ackwarden check\` judges it: all problems at once, each with its line, and the
effective configuration when there are none. For completion in an editor, begin the file with

\`\`\`yaml
# yaml-language-server: $schema=./src/config/workers.schema.json
\`\`\`

The smallest one:

\`\`\`yaml
version: 1
programs:
  orders:
    command: php artisan queue:work
    memory: { hard: 512MiB }
\`\`\`

## Values

| kind | how it is written |
| --- | --- |
| size | a number with \`B\`, \`KiB\` \`MiB\` \`GiB\` \`TiB\` (powers of 1024) or \`KB\` \`MB\` \`GB\` \`TB\` (powers of 1000); fractions such as \`1.5GiB\` if they give whole bytes; \`0\` needs no unit |
| duration | a number with \`ms\` \`s\` \`m\` \`h\` \`d\`, or several, largest first: \`1h30m\`; \`0\` needs no unit |
| rate | a size per duration: \`20MiB/s\` |
| percentage | \`20%\` |
| range of durations | \`1s..60s\` |
| number per duration | \`10 per 10m\` |
| octal text | permission bits: \`"022"\` |
| true or false | only these two words |

- **Variables.** \`\${NAME}\` in any value is the environment variable, \`\${NAME:-value}\` has a default for one that is not set or empty,
  and \`$\${\` is the text \`\${\` itself. A variable that is not set and has no default is an error. What a variable holds is text: it never
  becomes YAML. Within \`{ }\` and \`[ ]\` such a value needs quotes.
- **Templates.** \`{program}\`, \`{worker}\` and \`{index}\` (\`{index:02}\` pads with zeros) are filled in for each worker in \`command\`,
  \`environment\`, \`workerName\` (without \`{worker}\`) and log paths; in log paths \`{worker}\` is \`program-index\`. Other braces stay.
- **Commands.** A string is split into words as a POSIX shell does (quotes and backslashes), but no shell runs: pipes, redirections, \`$(…)\`,
  backticks and \`$NAME\` outside single quotes are errors. A list is taken word by word.
- **Defaults.** \`defaults\` takes any key of a program. Maps merge deeply, lists and everything else replace; a program's \`broker\` replaces
  that of \`defaults\` as a whole; \`null\` takes back what \`defaults\` set.
- **Anchors.** YAML anchors, aliases and \`<<\` work; a value written twice under one key is an error.
- **Paths.** \`stateDir\`, \`dataDir\`, \`logDir\`, \`directory\`, \`envFile\`, \`urlFile\`, \`tokenFile\` and those of \`broker.tls\` are relative to the directory of
  workers.yaml; log and journal paths to \`logDir\`.
- **Not yet active.** A key of this page whose behaviour is not built yet is accepted, and \`check\` and \`run\` say so.
`;

/** Rows of the keys below `schema`; maps with fixed keys are followed. */
function rowsOf(schema: Schema, prefix: string): Row[] {
  const info = infoOf(schema);
  const own = prefix === '' || info === null ? [] : [{ key: prefix, info }];
  const bare = unwrap(schema);
  if (bare instanceof z.ZodArray) {
    const isPlain = shapeOf(bare.element) === null;
    return isPlain ? own : [...own, ...rowsOf(bare.element, `${prefix}[]`)];
  }
  if (bare instanceof z.ZodRecord) {
    const isPlain = shapeOf(bare.valueType) === null;
    return isPlain ? own : [...own, ...rowsOf(bare.valueType, `${prefix}.NAME`)];
  }
  // Resource limits are one row: their names say it all.
  const shape = info?.type.startsWith('map of') === true ? {} : (shapeOf(schema) ?? {});
  const below = Object.entries(shape).flatMap(([name, child]) =>
    rowsOf(child, prefix === '' ? name : `${prefix}.${name}`),
  );
  return [...own, ...below];
}

function code(text: string | undefined): string {
  return text === undefined ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}

function rowText({ key, info }: Row): string {
  const fallback =
    info.defaultText ?? (info.default === null ? (info.type === 'map' ? '' : 'not set') : code(info.default));
  return `| \`${key}\` | ${info.type} | ${fallback} | ${info.description} | ${code(info.example ?? info.default ?? undefined)} |`;
}

function table(rows: readonly Row[]): string {
  return ['| key | type | default | meaning | example |', '| --- | --- | --- | --- | --- |', ...rows.map(rowText)].join(
    '\n',
  );
}

const NOTES = `## Notes

- **\`oom.scoreAdj\`** is written for every worker, also when it is 0, so that a worker never inherits what ackwarden itself runs with. \`adj\` is
  converted as the kernel does: 15 becomes 1000, everything else × 1000 ÷ 17, cut towards zero (7 becomes 411).
- **\`host.reserve\`** is small by default, so that nothing is refused on a small machine; on a real host, 5 % of its memory is a good value.
- **\`memory.kill: null\`** next to a \`hard\` ceiling means that there is no such wall.
- **\`envFile\`** has lines of \`NAME=VALUE\`; \`#\` begins a comment, an \`export\` before the name is ignored, single quotes are literal, double
  quotes know \`\\n \\t \\r \\\\ \\" \\$\`. Nothing is expanded in it. \`environment\` wins over it.
- **\`limits\`** take \`unlimited\`, a whole number in the unit of prlimit(1), and for those counted in bytes a size.
`;

/** The whole page. */
export function referenceText(): string {
  const top = rowsOf(root.omit({ defaults: true, programs: true }), '');
  const whole = ['defaults', 'programs'].flatMap((name) => {
    const info = infoOf(root.shape[name === 'defaults' ? 'defaults' : 'programs']);
    return info === null ? [] : [{ key: name, info }];
  });
  return [
    INTRODUCTION,
    `## Top-level keys\n\n${table([...top, ...whole])}\n`,
    `## Keys of a program (and of \`defaults\`)\n\n${table(rowsOf(program, ''))}\n`,
    NOTES,
  ].join('\n');
}
