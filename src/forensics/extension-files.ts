/** Which shared objects are PHP extensions, and what they are called. Pure. */
import { basename } from 'node:path';

/** What the kernel writes behind the name of a file that is gone. */
export const DELETED = ' (deleted)';

/** `newrelic-20220829-zts.so` → `newrelic`. */
export const extensionOf = (path: string): string =>
  basename(path.replace(DELETED, ''))
    .replace(/\.so$/, '')
    .replace(/^php_/, '')
    .replace(/-\d{8}(?:-zts|-debug)*$/, '')
    .replace(/-zts$/, '');

/** Shared objects that lie where PHP keeps its extensions, by file. */
export const extensionFiles = (paths: readonly string[]): string[] => {
  const inPlace = (path: string): boolean =>
    /\/(?:php\d*|no-debug-(?:non-)?zts-\d+|debug-(?:non-)?zts-\d+|extensions|modules|newrelic|dd-trace|datadog)[^/]*\//.test(
      path,
    ) || /\/20\d{6}[^/]*\//.test(path);
  const isObject = (path: string): boolean =>
    path.replace(DELETED, '').endsWith('.so') && !basename(path).startsWith('lib');
  return [...new Set(paths.filter((path) => isObject(path) && (inPlace(path) || !/^\/(?:usr\/)?lib/.test(path))))];
};
