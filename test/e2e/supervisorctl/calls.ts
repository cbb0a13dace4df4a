/** The scripted calls of the differential test, in order: what one does, the next one sees. */
import { PASSWORD, USERNAME } from './programs.ts';
import type { Call, Variant } from './sides.ts';

export interface Step extends Call {
  /** Lines come in any order. */
  unordered?: true;
  /** Before the call, the configuration file becomes this one. */
  configure?: Variant;
  /** The next call waits until everything has settled. */
  settles?: true;
  /** The next call waits until the daemon has ended. */
  ends?: true;
  /** What is meant to be different from supervisord. */
  differs?: Difference;
}

export interface Difference {
  /** Why; for docs/compat-supervisord.md. */
  reason: string;
  /** What supervisord answers, in a few words. */
  theirs: string;
  /** What ackwarden answers, in a few words. */
  ours: string;
  /** Each line of our answer that supervisord's does not have, masked, and the other way round. Absent: only the exit codes are compared. */
  lines?: { ours: string[]; theirs: string[] };
  code?: { ours: number | null; theirs: number | null };
}

const SENTENCES: Difference = {
  reason: 'a sentence that says what was looked for, and what is wrong with it',
  theirs: "FATAL `can't find command '/no/such/file'`",
  ours: 'FATAL `The command /no/such/file does not exist.`',
  lines: {
    theirs: [
      "missing                          FATAL     can't find command '/no/such/file'",
      "plain                            FATAL     command at '/etc/passwd' is not executable",
    ],
    ours: [
      'missing                          FATAL     The command /no/such/file does not exist.',
      'plain                            FATAL     The command /etc/passwd is not executable: run chmod +x on it, or check its folders.',
    ],
  },
};

const call = (line: string, more: Partial<Step> = {}): Step => ({ args: line.split(' '), ...more });

/** Over TCP, with name and password. */
const overTcp = (line: string, more: Partial<Step> = {}, password = PASSWORD): Step => ({
  args: ['-s', 'HTTP', '-u', USERNAME, '-p', password, ...line.split(' ')],
  ...more,
});

export const STEPS: Step[] = [
  call('status', { differs: SENTENCES }),
  call('status all', { differs: SENTENCES }),
  call('status solo'),
  call('status manual solo'),
  call('status team:*'),
  call('status many:many_00 many:many_01'),
  call('status nosuch'),
  call('status nosuch:* solo'),
  call('status failing nosuch'),
  call('status many'),
  call('version'),
  call('version x'),
  call('pid'),
  call('pid solo'),
  call('pid solo manual'),
  call('pid nosuch'),
  call('help'),
  call('help restart'),
  call('help nosuch'),
  call('nosuchcommand'),
  call('avail'),
  call('avail x'),
  call('start solo'),
  call('start manual'),
  call('start nosuch'),
  call('start nosuch:*'),
  call('start solo:nosuch'),
  call('start'),
  call('start missing'),
  call('start plain'),
  call('start failing'),
  call('start done', { settles: true }),
  call('start trying'),
  call('start team:*'),
  call('stop solo manual'),
  call('stop manual'),
  call('stop nosuch'),
  call('stop nosuch:*'),
  call('stop'),
  call('stop failing'),
  call('stop done'),
  call('stop trying'),
  call('stop stubborn'),
  call('stop team:alpha_00'),
  call('status team:*'),
  call('stop team:*', { unordered: true }),
  call('stop team:*'),
  call('start solo manual'),
  call('start team:*', { unordered: true }),
  call('start many:'),
  call('restart solo'),
  call('restart manual solo'),
  call('restart team:*', { unordered: true }),
  call('restart many:many_01'),
  call('restart nosuch'),
  call('restart nosuch:*'),
  call('restart'),
  call('signal HUP hup'),
  call('signal SIGHUP hup'),
  call('signal 1 hup'),
  call('signal NOSUCH hup'),
  call('signal HUP nosuch'),
  call('signal HUP nosuch:*'),
  call('signal HUP done'),
  call('signal HUP'),
  call('signal CONT team:*', { unordered: true }),
  call('tail talks'),
  call('tail -4 talks'),
  call('tail talks stderr'),
  call('tail talks nosuch'),
  call('tail -x talks'),
  call('tail nosuch'),
  call('tail missing'),
  call('tail solo stderr'),
  call('tail coloured', {
    differs: {
      reason: 'a log with terminal colours must not make the client fail: the sequences are left out',
      theirs: 'the client fails on invalid XML, exit 1',
      ours: 'the text without its colours, exit 0',
      lines: {
        theirs: [
          "error: <class 'xml.parsers.expat.ExpatError'>, not well-formed (invalid token): line 5, column 15: file: /usr/lib/python3.11/xmlrpc/client.py line: LINE",
        ],
        ours: ['red'],
      },
      code: { theirs: 1, ours: 0 },
    },
  }),
  call('tail -9 cut', {
    differs: {
      reason: 'a window that begins inside a character begins with the next one',
      theirs: 'HTTP 500, exit 1',
      ours: 'the whole characters, exit 0',
      lines: {
        theirs: [
          "error: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: 500 Internal Server Error>: file: /usr/lib/python3/dist-packages/supervisor/xmlrpc.py line: LINE",
        ],
        ours: ['€€'],
      },
      code: { theirs: 1, ours: 0 },
    },
  }),
  call('tail'),
  call('tail -f talks', { follows: true }),
  call('tail -f talks stderr', { follows: true }),
  call('tail -f coloured', { follows: true }),
  call('tail -f nosuch', { forMs: 8_000 }),
  call('maintail -x'),
  call('maintail -f', {
    follows: true,
    differs: {
      reason: 'the main log is the journal in the same lines, with the sentences that say why in between',
      theirs: 'the lines of its activity log',
      ours: 'those lines, and why each thing was done',
    },
  }),
  call('clear talks'),
  call('tail talks'),
  call('clear nosuch'),
  call('clear'),
  call('clear all', { unordered: true }),
  call('fg'),
  call('fg nosuch'),
  call('fg solo hup'),
  call('fg done'),
  call('fg reads', { input: 'one\nto the Øresund €\n\nthree\n' }),
  call('tail -f reads stderr', { follows: true }),
  call('open nosuch'),
  call('-i', { input: 'status solo\nstop solo\nstart solo\npid nosuch\nquit\n', differs: SENTENCES }),
  overTcp('status solo'),
  overTcp('stop solo'),
  overTcp('start solo'),
  overTcp('status nosuch'),
  overTcp('tail talks'),
  overTcp('tail -f talks', { follows: true }),
  overTcp('fg done'),
  overTcp('-i', { input: 'version\nstatus solo\nquit\n' }),
  overTcp('status solo', {}, 'wrong'),
  overTcp('restart solo', {}, 'wrong'),
  overTcp('tail -f talks', { follows: true }, 'wrong'),
  overTcp('maintail -f', { follows: true }, 'wrong'),
  call('-s HTTP status solo'),
  call('-s HTTP stop solo'),
  { args: ['-s', 'HTTP', '-u', 'nosuch', '-p', PASSWORD, 'status', 'solo'] },
  call('-s http://127.0.0.1:1 status'),
  call('-s http://127.0.0.1:1 -i', { input: 'status\nquit\n' }),
  call('-s unix:///no/such.sock status'),
  call('-s unix:///no/such.sock restart solo'),
  call('-s unix:///etc/passwd status'),
  call('-s ftp://127.0.0.1 status'),
  call('-s nonsense status'),
  call('status solo'),
  call('reread'),
  call('update'),
  call('update nosuch'),
  call('add solo'),
  call('add nosuch'),
  call('remove solo'),
  call('remove nosuch'),
  call('reread', {
    configure: 'broken',
    differs: {
      reason: 'the sentence of the mistake, with its place; unknown keys are mistakes',
      theirs: "the exception of Python's reader",
      ours: '`ERROR: CANT_REREAD: workers.yaml:1:343: programs.solo.wrokers: unknown key; did you mean workers?`',
      lines: {
        theirs: [
          "ERROR: CANT_REREAD: invalid literal for int() with base 10: 'x' in section 'program:broken' (file: 'ROOT/supervisord.conf')",
        ],
        ours: [
          'ERROR: CANT_REREAD: ROOT/workers.yaml:1:343: programs.solo.wrokers: unknown key; did you mean workers?',
        ],
      },
    },
  }),
  call('reread', { configure: 'second' }),
  call('avail'),
  call('add fresh'),
  call('status fresh'),
  call('update', { unordered: true, settles: true }),
  call('status', { differs: SENTENCES }),
  call('reread'),
  call('stop fresh'),
  call('remove fresh'),
  call('status fresh'),
  call('stop all', { unordered: true }),
  call('start all', { unordered: true }),
  call('reload', { settles: true }),
  call('shutdown', { ends: true }),
  call('status'),
  call('start solo'),
  call('-i', { input: 'status\nversion\nquit\n' }),
  overTcp('status solo'),
];
