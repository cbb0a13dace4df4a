/** Commands that take the worker to where its gate on 127.0.0.1 is not: another network, another host, another user. */
import { basename } from 'node:path';

export type Elsewhere = 'network' | 'host' | 'user';

interface Way {
  to: Elsewhere;
  /** Of the words after it, up to the worker's own command; absent: always. */
  when?: (words: readonly string[]) => boolean;
}

const CONTAINER: Way = { to: 'network', when: (words) => words.some((word) => /^(?:exec|run|compose)$/.test(word)) };
const hasFlag =
  (short: RegExp, ...long: string[]) =>
  (words: readonly string[]): boolean =>
    words.some((word) => short.test(word) || long.some((flag) => word === flag || word.startsWith(`${flag}=`)));

const WAYS = new Map<string, Way>([
  ['docker', CONTAINER],
  ['docker-compose', CONTAINER],
  ['podman', CONTAINER],
  ['podman-compose', CONTAINER],
  ['nerdctl', CONTAINER],
  ['kubectl', CONTAINER],
  ['oc', CONTAINER],
  ['lxc', CONTAINER],
  ['lxc-attach', { to: 'network' }],
  ['ip', { to: 'network', when: (words) => words.includes('netns') && words.includes('exec') }],
  ['nsenter', { to: 'network', when: hasFlag(/^-[a-zA-Z]*[na]/, '--net', '--all') }],
  ['unshare', { to: 'network', when: hasFlag(/^-[a-zA-Z]*n/, '--net') }],
  ['ssh', { to: 'host' }],
  ['sudo', { to: 'user' }],
  ['su', { to: 'user' }],
  ['runuser', { to: 'user' }],
  ['doas', { to: 'user' }],
  ['gosu', { to: 'user' }],
  ['su-exec', { to: 'user' }],
  ['setuidgid', { to: 'user' }],
]);

/** Start the words after them in the same place; their options, numbers and assignments are passed over. */
const TRANSPARENT = /^(?:env|nice|ionice|chrt|timeout|stdbuf|setsid|nohup|exec|time)$/;
const PASSED_OVER = /^(?:-.*|\d+[smhd]?|[A-Za-z_]\w*=.*)$/s;
const SHELL = /^(?:ba|da|a|z)?sh$/;
const PHP = /^php[\d.]*$/;

/** The word that takes the worker elsewhere, and where to; null: none that is known. */
export function elsewhereOf(command: readonly string[]): { word: string; to: Elsewhere } | null {
  const at = command.findIndex((word) => !PASSED_OVER.test(word) && !TRANSPARENT.test(basename(word)));
  const word = basename(command[at] ?? '');
  const after = command.slice(at + 1);
  if (SHELL.test(word)) return inScript(after);
  const end = after.findIndex((each) => PHP.test(basename(each)));
  const way = WAYS.get(word);
  const isSo = way !== undefined && (way.when?.(end === -1 ? after : after.slice(0, end)) ?? true);
  return isSo ? { word, to: way.to } : null;
}

/** `sh -c "cd /srv && exec docker run …"`: each of its commands, taken apart roughly. */
function inScript(words: readonly string[]): { word: string; to: Elsewhere } | null {
  const flag = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  const commands = flag === -1 ? [] : (words[flag + 1] ?? '').split(/&&|\|\||[;|\n]/);
  return commands.map((text) => elsewhereOf(text.trim().split(/\s+/))).find((found) => found !== null) ?? null;
}
