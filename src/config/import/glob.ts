/** Python's glob.glob, not recursive: `*`, `?`, `[…]`, `[!…]`; a leading dot is matched by a dot only. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

function hasMagic(part: string): boolean {
  return /[*?[]/.test(part);
}

/** One part of a path as a regular expression (Python's fnmatch). */
export function partPattern(part: string): RegExp {
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const char = part.charAt(at);
    const set = char === '[' ? /^\[(!?)(\]?[^\]]*)\]/.exec(part.slice(at)) : null;
    if (char === '*') source += '[^]*';
    else if (char === '?') source += '[^]';
    else if (set === null) source += char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    else {
      const [whole, not = '', members = ''] = set;
      source += `[${not === '' ? '' : '^'}${members.replaceAll(/[\\\][^]/g, '\\$&')}]`;
      at += whole.length - 1;
    }
  }
  return new RegExp(`^${source}$`);
}

/** Names in a directory; none where it cannot be read, as in Python. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory === '' ? '.' : directory);
  } catch {
    // No directory, or one that may not be read: nothing matches in it.
    return [];
  }
}

/** Also a link that leads nowhere is there. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    // Not there, or below a file, or not to be seen: nothing to read.
    return false;
  }
}

/** Paths that the pattern matches, sorted; those of a relative pattern are relative to the working directory. */
export function glob(pattern: string): string[] {
  const parts = pattern.split('/');
  const isAbsolute = pattern.startsWith('/');
  let found = [isAbsolute ? '/' : ''];
  for (const part of isAbsolute ? parts.slice(1) : parts) {
    if (part === '') continue;
    found = found.flatMap((directory) => {
      const names = hasMagic(part)
        ? namesIn(directory).filter(
            (name) => partPattern(part).test(name) && (part.startsWith('.') || !name.startsWith('.')),
          )
        : [part];
      return names.map((name) => join(directory, name)).filter((path) => hasMagic(part) || isThere(path));
    });
  }
  return found
    .filter((path) => path !== '' && path !== '/')
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
