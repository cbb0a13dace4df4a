// `node test/corpus/record/run.mjs [EACH [KEEP]]`: records the corpus anew (minutes; needs php with FFI, pcntl, dom, curl and php-dev).
import { runTypeScript } from '../bundle.mjs';

process.exitCode = runTypeScript(new URL('record.ts', import.meta.url), process.argv.slice(2));
