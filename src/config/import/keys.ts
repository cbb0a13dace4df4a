/** Every section and key that supervisord 4.2 knows; it ignores all others without a word. */

const LOG_KEYS = ['stdout', 'stderr'].flatMap((stream) =>
  ['logfile', 'logfile_maxbytes', 'logfile_backups', 'capture_maxbytes', 'events_enabled', 'syslog'].map(
    (key) => `${stream}_${key}`,
  ),
);

const PROGRAM = [
  'command',
  'process_name',
  'numprocs',
  'numprocs_start',
  'priority',
  'autostart',
  'startsecs',
  'startretries',
  'autorestart',
  'exitcodes',
  'stopsignal',
  'stopwaitsecs',
  'stopasgroup',
  'killasgroup',
  'user',
  'umask',
  'directory',
  'environment',
  'serverurl',
  'redirect_stderr',
  ...LOG_KEYS,
];

/** By what stands before the colon of a section's name. */
export const SECTION_KEYS: Readonly<Record<string, readonly string[]>> = {
  program: PROGRAM,
  'fcgi-program': [...PROGRAM, 'socket', 'socket_backlog', 'socket_owner', 'socket_mode'],
  eventlistener: [...PROGRAM, 'events', 'buffer_size', 'result_handler'],
  group: ['programs', 'priority'],
  supervisord: [
    'logfile',
    'logfile_maxbytes',
    'logfile_backups',
    'loglevel',
    'pidfile',
    'umask',
    'nodaemon',
    'silent',
    'minfds',
    'minprocs',
    'nocleanup',
    'childlogdir',
    'user',
    'directory',
    'strip_ansi',
    'environment',
    'identifier',
  ],
  supervisorctl: ['serverurl', 'username', 'password', 'prompt', 'history_file'],
  unix_http_server: ['file', 'chmod', 'chown', 'username', 'password'],
  inet_http_server: ['port', 'username', 'password'],
  include: ['files'],
};

/** Sections whose further keys belong to a plugin. */
export const PLUGIN_SECTIONS = ['rpcinterface', 'ctlplugin'];

/** Sections with a name behind a colon. */
export const NAMED_SECTIONS = ['program', 'group', 'eventlistener', 'fcgi-program', ...PLUGIN_SECTIONS];

/** Sections that also do without one. */
export const PLAIN_SECTIONS = ['supervisord', 'supervisorctl', 'unix_http_server', 'inet_http_server', 'include'];
