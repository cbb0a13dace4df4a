/** A PHP that is made up: it tells what it is to load from the ini files that it is led to. */

/** `extension=x` loads x; `needs` are pairs `a:b`, a needs b; what is built in is there with -n, too. */
export const FAKE_PHP = `#!/usr/bin/env node
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const home = process.argv[1].replace(/\\/bin\\/php$/, '');
const { builtIn = [], needs = {}, prints = '', blind = false, versions = {} } = JSON.parse(readFileSync(join(home, 'fake.json'), 'utf8'));
const bare = process.argv.includes('-n');
const usual = join(home, 'etc/conf.d');
const folders = bare ? [] : (process.env.PHP_INI_SCAN_DIR ?? usual).split(':').map((folder) => folder || usual);
const set = process.env.PHP_INI_SCAN_DIR === '' ? [] : folders;
const sighted = set.filter((folder) => !(blind && folder.includes('private')));
const scanned = sighted.flatMap((folder) => readdirSync(folder).toSorted().map((name) => join(folder, name)));
const named = process.argv[process.argv.indexOf('-c') + 1];
const main = process.argv.includes('-c') ? named : [process.env.PHPRC ?? '', join(home, 'etc')].map((folder) => join(folder, 'php.ini')).find((file) => existsSync(file));
const iniFile = bare ? null : (main ?? null);
const text = [...(iniFile ? [iniFile] : []), ...scanned].map((file) => readFileSync(file, 'utf8')).join('\\n');
const loads = [...text.matchAll(/^extension=(\\w+)/gm)].map(([, name]) => name);
const extensions = [...builtIn, ...loads].filter((name, _at, all) => (needs[name] ?? []).every((need) => all.includes(need)));
const query = (facts) => new URLSearchParams(Object.entries(facts).flatMap(([key, value]) =>
  value === null ? [] : typeof value === 'object' ? Object.entries(value).map(([at, each]) => [key + '[' + at + ']', each]) : [[key, value]])).toString();
const facts = { version: '8.2.0', binary: process.argv[1], iniFile, iniFolder: join(home, 'etc'), scanFolder: usual, scanned, extensions, versions };
console.log(prints + '<ackwarden>' + query(facts) + '</ackwarden>');
`;
