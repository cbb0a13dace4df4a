/** What the place we write to can show: width, colours, block characters. */

export interface Terminal {
  tty: boolean;
  columns: number;
  rows: number;
  colour: boolean;
  /** The locale is UTF-8, so block characters, arrows and ellipses can be shown. */
  unicode: boolean;
}

export interface TerminalStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The first of LC_ALL, LC_CTYPE, LANG that is set decides (setlocale(3)). */
export function localeIsUtf8(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** NO_COLOR (any value but the empty one) wins, then FORCE_COLOR, then whether it is a terminal that is not `dumb`. */
export function wantsColour(env: Environment, tty: boolean): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return tty && env['TERM'] !== 'dumb';
}

/** 80 × 24 where nobody says; COLUMNS only where the stream is no terminal (a pager, a test). */
export function terminalOf(stream: TerminalStream, env: Environment): Terminal {
  const tty = stream.isTTY === true;
  const fromEnvironment = /^[1-9][0-9]{0,3}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : null;
  // A terminal of size 0 × 0 (a serial line, `script` without a size) reports zeros.
  const columns = stream.columns !== undefined && stream.columns > 0 ? stream.columns : (fromEnvironment ?? 80);
  const rows = stream.rows !== undefined && stream.rows > 0 ? stream.rows : 24;
  return { tty, columns, rows, colour: wantsColour(env, tty), unicode: localeIsUtf8(env) };
}
