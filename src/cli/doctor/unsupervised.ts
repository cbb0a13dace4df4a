/** Artisan queue workers on this host that nobody restarts when they end. */
import { basename } from 'node:path';
import type { HostReader } from './host-reader.ts';

export interface ArtisanWorker {
  pid: number;
  uid: number | null;
  rssBytes: number | null;
  /** Secrets masked. */
  command: string;
  /** What restarts it; `unknown`: its environment or cgroup may not be read; null: nobody. */
  supervisedBy: 'ackwarden' | 'supervisord' | 'systemd' | 'unknown' | null;
}

const PHP = /^php(?:-?\d[\d.]*)?(?:-cli)?$/;
/** Commands that consume a queue: Laravel's own, Horizon's, packages', and the house's `task:event` kind. */
const CONSUMES =
  /^(?:queue:(?:work|listen)|horizon(?::work|:supervisor)?|rabbitmq:consume)$|consume|listen|worker|^task:/;
/** Units whose children a person or cron started, and which restart nobody. */
const NOT_A_SUPERVISOR = /^(?:ssh|sshd|cron|crond|atd|getty@.*|user@\d+|docker|containerd)\.service$/;

/** The words of a PHP process that runs an artisan queue command; null: it is something else. */
export function artisanWords(cmdline: string): string[] | null {
  const words = cmdline.split('\0').filter((word) => word !== '');
  if (!PHP.test(basename(words[0] ?? ''))) return null;
  const at = words.findIndex((word, index) => index > 0 && basename(word) === 'artisan');
  const command = at === -1 ? undefined : words.slice(at + 1).find((word) => !word.startsWith('-'));
  if (command === undefined) return null;
  return CONSUMES.test(command) || words.some((word) => word.startsWith('--queue')) ? words : null;
}

/** Passwords in URLs and in options named like secrets. */
export function maskSecrets(words: readonly string[]): string {
  const option = /^(--[\w-]*(?:password|passwd|secret|token|key)[\w-]*)(=.*)?$/i;
  const masked: string[] = [];
  let hideNext = false;
  for (const word of words) {
    const match = option.exec(word);
    if (hideNext && !word.startsWith('-')) masked.push('***');
    else if (match?.[2] !== undefined) masked.push(`${match[1] ?? ''}=***`);
    else masked.push(word.replace(/(:\/\/[^:/@\s]*):[^@\s]*@/g, '$1:***@'));
    hideNext = match !== null && match[2] === undefined;
  }
  return masked.join(' ');
}

function parentOf(host: HostReader, pid: number): number | null {
  const stat = host.read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const parent = Number(fields?.[1] ?? Number.NaN);
  return Number.isInteger(parent) ? parent : null;
}

/** Whether one of the ancestors bears the name. A chain is short; the bound is against a reused pid. */
function hasAncestor(host: HostReader, pid: number, comm: RegExp): boolean {
  let at = parentOf(host, pid);
  for (let depth = 0; depth < 32 && at !== null && at > 0; depth += 1) {
    if (comm.test(host.read(`/proc/${at}/comm`)?.trim() ?? '')) return true;
    at = parentOf(host, at);
  }
  return false;
}

function systemdUnit(host: HostReader, pid: number): string | null {
  const units = /([^/\n]+\.service)(?:\/|$)/m.exec(host.read(`/proc/${pid}/cgroup`) ?? '');
  const unit = units?.[1] ?? null;
  return unit === null || NOT_A_SUPERVISOR.test(unit) ? null : unit;
}

function supervisorOf(host: HostReader, pid: number): ArtisanWorker['supervisedBy'] {
  const environment = host.read(`/proc/${pid}/environ`);
  if (environment !== null && /(?:^|\0)ACKWARDEN_INCARNATION=/.test(environment)) return 'ackwarden';
  if (environment !== null && /(?:^|\0)SUPERVISOR_(?:ENABLED|PROCESS_NAME)=/.test(environment)) return 'supervisord';
  // The kernel cuts names at 15 characters; supervisord is a Python script that keeps its own.
  if (hasAncestor(host, pid, /^supervisord/)) return 'supervisord';
  if (systemdUnit(host, pid) !== null) return 'systemd';
  return environment === null ? 'unknown' : null;
}

function describe(host: HostReader, pid: number, words: readonly string[]): ArtisanWorker {
  const status = host.read(`/proc/${pid}/status`) ?? '';
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    pid,
    uid: uid === undefined ? null : Number(uid),
    rssBytes: rss === undefined ? null : Number(rss) * 1024,
    command: maskSecrets(words),
    supervisedBy: supervisorOf(host, pid),
  };
}

/** All artisan queue workers of this host (of this pid namespace), in pid order; children of one another left out. */
export function artisanWorkers(host: HostReader): ArtisanWorker[] {
  const found = new Map<number, string[]>();
  for (const name of host.list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = artisanWords(host.read(`/proc/${name}/cmdline`) ?? '');
    if (words !== null) found.set(Number(name), words);
  }
  return [...found]
    .filter(([pid]) => !found.has(parentOf(host, pid) ?? 0))
    .toSorted(([a], [b]) => a - b)
    .map(([pid, words]) => describe(host, pid, words));
}
