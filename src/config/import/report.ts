/** What an import has to say, each with its place: errors (supervisord would not start), things to look at, and things to know. */
import { quote } from '../problem.ts';
import type { Place } from './ini.ts';

export type Severity = 'error' | 'warning' | 'note';

export interface Remark {
  severity: Severity;
  /** Null: no single line. */
  place: Place | null;
  /** `[program:shop] stopwaitsec`; empty: the file. */
  subject: string;
  /** A sentence without its place. */
  text: string;
}

export class Report {
  readonly #remarks: Remark[] = [];

  /** The same thing is said once. */
  add(remark: Remark): void {
    const isKnown = this.#remarks.some(
      ({ severity, place, subject, text }) =>
        severity === remark.severity &&
        subject === remark.subject &&
        text === remark.text &&
        place?.file === remark.place?.file &&
        place?.line === remark.place?.line,
    );
    if (!isKnown) this.#remarks.push(remark);
  }

  /** supervisord would not start with this. */
  error(place: Place | null, subject: string, text: string): void {
    this.add({ severity: 'error', place, subject, text });
  }

  /** Somebody should look at this. */
  warn(place: Place | null, subject: string, text: string): void {
    this.add({ severity: 'warning', place, subject, text });
  }

  /** Good to know. */
  note(place: Place | null, subject: string, text: string): void {
    this.add({ severity: 'note', place, subject, text });
  }

  /** In the order of the lines, file after file; last what has no place. */
  get remarks(): readonly Remark[] {
    const files = [...new Set(this.#remarks.flatMap(({ place }) => place?.file ?? []))];
    const rank = ({ place }: Remark): number => (place === null ? files.length : files.indexOf(place.file));
    return this.#remarks.toSorted((a, b) => rank(a) - rank(b) || (a.place?.line ?? 0) - (b.place?.line ?? 0));
  }

  get hasErrors(): boolean {
    return this.#remarks.some(({ severity }) => severity === 'error');
  }
}

/** `laravel.conf:12: [program:shop] stopwaitsec: …` */
export function remarkText({ place, subject, text }: Remark): string {
  const parts = [place === null ? '' : `${place.file}:${place.line}`, subject, text];
  return parts.filter((part) => part !== '').join(': ');
}

/** The sentence of a value that is not what it should be. */
export function foundExpected(found: string, expected: string): string {
  return `found ${quote(found)}, expected ${expected}`;
}
