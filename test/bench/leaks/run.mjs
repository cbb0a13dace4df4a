// `npm run bench:leaks`
import { runTypeScript } from '../../corpus/bundle.mjs';

process.exitCode = runTypeScript(new URL('leaks.ts', import.meta.url), process.argv.slice(2));
