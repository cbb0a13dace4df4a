/** The lines of a php.ini file that load extensions. */

/** `extension=NAME`, in quotes or not, with a path or without. A comment may follow. */
const LOAD = /^\s*(?:zend_)?extension\s*=\s*(?:"([^"]*)"|'([^']*)'|([^;]*))/i;
/** How packagers write the version into the file's name: `newrelic-20220829.so`, `tideways-php-8.2-zts.so`. */
const VERSION = /^[-_](php[-_]?)?[\d.]+([-_](zts|nts|debug))*$/;

/** As `php -m` and as the file call it: one name for both, in small letters. */
export const extensionName = (name: string): string => {
  const small = name.toLowerCase().replace(/\.so$/, '');
  return small === 'zend opcache' ? 'opcache' : small;
};

const isFileOf = (file: string, extension: string): boolean => {
  const stem = extensionName(file.slice(file.lastIndexOf('/') + 1));
  const name = extensionName(extension);
  return stem === name || (stem.startsWith(name) && VERSION.test(stem.slice(name.length)));
};

const loads = (line: string, names: readonly string[]): boolean => {
  const found = LOAD.exec(line);
  const value = (found?.[1] ?? found?.[2] ?? found?.[3] ?? '').trim();
  return value !== '' && names.some((name) => isFileOf(value, name));
};

/**
 * The text without the lines that load these extensions, which become comments; null if there are none. What else the file sets stays:
 * settings of an extension that is not loaded do no harm.
 */
export const withoutLoading = (text: string, names: readonly string[]): string | null => {
  const lines = text.split('\n');
  if (!lines.some((line) => loads(line, names))) return null;
  return lines.map((line) => (loads(line, names) ? `; php.disableExtensions: ${line.trim()}` : line)).join('\n');
};
