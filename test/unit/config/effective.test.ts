import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { effectiveTree } from '../../../src/config/effective.ts';
import type { Config } from '../../../src/config/types.ts';
import { yamlText } from '../../../src/config/yaml-text.ts';
import { configOf, shop } from './files.ts';

/** What reading it again must not change; lines do. */
function withoutOrigins(config: Config): unknown {
  const programs = Object.entries(config.programs).map(([name, program]) => [name, { ...program, origins: {} }]);
  return { ...config, programs: Object.fromEntries(programs), origins: {} };
}

const design = readFileSync(new URL('../../../docs/design.md', import.meta.url), 'utf8');
const sample = /^## 8\.[^]*?^```yaml\n([^]*?)^```/m.exec(design)?.[1] ?? '';

describe('the effective configuration', () => {
  it.each([
    ['the smallest', shop('')],
    ['the sample', sample],
    [
      'TLS',
      shop(
        'broker: { url: "amqps://a/", tls: { ca: workers.yaml, serverName: b, verify: false } }\namqp: { dsn: DSN }',
      ),
    ],
    ['TLS by default', shop('broker: { url: "amqps://a/", tls: {} }')],
    [
      'odd values',
      shop(`command: ["php", "a b", "'", "$\${X}", "022", "no", ""]
environment: { A: "$\${NAME}", B: "$$$\${X}", C: "null", D: "~", E: "a: b # c", F: "\\u00e9\\n" }
memory: { hard: 100MB, kill: null, metric: anon }
umask: "077"
limits: { core: unlimited, as: 1GiB }
broker: { urls: ["amqp://a/", "amqp://b/"] }
stderr: { path: x.err, maxSize: 1.5GiB }
recycle: { stopTimeout: 1h30m, settle: 0 }
oom: { adj: -17 }`).replace('    command: php x\n', ''),
    ],
  ])('%s reads back as the same', (_, text) => {
    const config = configOf(text);
    expect(withoutOrigins(configOf(yamlText(effectiveTree(config))))).toEqual(withoutOrigins(config));
  });
});
