import { describe, expect, test } from 'vitest';
import { iniArguments, isPhp, wordsOf } from '../../../src/forensics/command-line.ts';
import { extensionFiles, extensionOf } from '../../../src/forensics/extension-files.ts';
import { extensionsOf, parseVersions } from '../../../src/forensics/extensions.ts';
import { byKind, grownBetween, kindOf, mappedShared } from '../../../src/forensics/mappings.ts';
import { refusal } from '../../../src/forensics/perf.ts';
import { parsePerfScript } from '../../../src/forensics/perf-script.ts';
import { waitShares } from '../../../src/forensics/waits.ts';
import { intervalOf } from '../../../src/forensics/watch.ts';
import { parseSmaps } from '../../../src/linux/proc-smaps.ts';
import type { Mapping } from '../../../src/linux/proc-smaps.ts';

const MIB = 1024 * 1024;

describe('the command line of PHP', () => {
  test.each([
    ['/usr/bin/php8.2', true],
    ['/usr/bin/php', true],
    ['/usr/bin/php8.2 (deleted)', true],
    ['/usr/sbin/php-fpm8.3', true],
    ['/opt/php/8.4/bin/php-cli', true],
    ['/usr/local/bin/phpstan', false],
    ['/usr/bin/python3', false],
  ])('%s: %s', (executable, expected) => {
    expect(isPhp(executable, [executable], [])).toBe(expected);
  });

  test('a program that embeds PHP is known by the library', () => {
    expect(isPhp('/usr/sbin/apache2', ['apache2'], ['/usr/lib/apache2/modules/libphp8.2.so'])).toBe(true);
    expect(isPhp('/usr/bin/frankenphp', ['frankenphp'], ['/usr/lib/libphp.so'])).toBe(true);
  });

  test.each([
    ['php\0artisan\0queue:work\0', []],
    ['php\0-n\0-d\0a=1\0-db=2\0artisan\0-d\0c=3\0', ['-n', '-d', 'a=1', '-db=2']],
    ['php\0-c\0/etc/x y.ini\0--define=q=1\0-f\0x.php\0', ['-c', '/etc/x y.ini', '--define=q=1']],
    ['php\0-q\0-n\0-r\0-d a=1\0', ['-n']],
    ['php\0-d\0', ['-d', '']],
  ])('%j gives again %j', (cmdline, expected) => {
    expect(iniArguments(wordsOf(cmdline))).toEqual(expected);
  });
});

describe('extensions', () => {
  test.each([
    ['/usr/lib/php/20220829/curl.so', 'curl'],
    ['/usr/lib/newrelic-php5/agent/x64/newrelic-20220829.so', 'newrelic'],
    ['/x/newrelic-20220829-zts.so', 'newrelic'],
    ['/x/php_own.so', 'own'],
    ['/x/redis.so (deleted)', 'redis'],
  ])('%s is %s', (path, name) => {
    expect(extensionOf(path)).toBe(name);
  });

  test('are told from libraries', () => {
    const paths = [
      '/usr/lib/php/20220829/curl.so',
      '/usr/lib/x86_64-linux-gnu/libcurl.so.4',
      '/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so',
      '/usr/lib/newrelic-php5/agent/x64/newrelic-20220829.so',
      '/opt/own/build/own.so',
      '/usr/bin/php8.2',
    ];
    expect(extensionFiles(paths).map(extensionOf)).toEqual(['curl', 'newrelic', 'own']);
  });

  test('mysqlnd says its name before its version, and what is no version is none', () => {
    const versions = parseVersions('PHP\t8.2.30\nmysqlnd\tmysqlnd 8.2.30\nown\t@PACKAGE_VERSION@\nold\tv1.2');
    expect([...versions]).toEqual([
      ['php', '8.2.30'],
      ['mysqlnd', '8.2.30'],
      ['old', '1.2'],
    ]);
  });

  test('have the versions that PHP tells; one that was replaced on disk is not that version', () => {
    const versions = parseVersions('PHP\t8.2.30\nredis\t6.0.0\nZend OPcache\t8.2.30\nCore\t8.2.30\nnothing\t\nnoise');
    const files = ['/e/redis.so', '/e/opcache.so', '/e/gone.so', '/e/amqp.so (deleted)'];
    expect(extensionsOf(files, versions, null)).toEqual([
      { name: 'redis', file: '/e/redis.so', version: '6.0.0', why: null },
      { name: 'opcache', file: '/e/opcache.so', version: '8.2.30', why: null },
      { name: 'gone', file: '/e/gone.so', version: null, why: 'its PHP does not load it any more' },
      {
        name: 'amqp',
        file: '/e/amqp.so (deleted)',
        version: null,
        why: expect.stringContaining('replaced since') as string,
      },
      { name: 'core', file: null, version: '8.2.30', why: null },
    ]);
    expect(extensionsOf(['/e/redis.so'], new Map(), 'no answer')[0]?.why).toBe('no answer');
  });
});

const mapping = (fields: Partial<Mapping>): Mapping => ({
  from: 0,
  to: 4 * MIB,
  permissions: 'rw-p',
  inode: 0,
  path: '',
  rssBytes: 0,
  pssBytes: 0,
  anonymousBytes: 0,
  swapBytes: 0,
  ...fields,
});

describe('mappings', () => {
  const zend = [{ from: 8 * MIB, to: 10 * MIB }];
  test.each([
    [{ path: '[heap]' }, 'brk'],
    [{ path: '[stack]' }, 'stack'],
    [{ path: '[vdso]' }, 'other'],
    [{ path: '/dev/zero', inode: 5, permissions: 'rw-s' }, 'shared'],
    [{ path: '/usr/bin/php8.2', inode: 5 }, 'file'],
    [{ from: 8 * MIB, to: 10 * MIB }, 'zend'],
    [{ from: 8 * MIB, to: 64 * MIB }, 'anonymous'],
    [{ path: '[anon:zend_alloc]', from: 8 * MIB, to: 10 * MIB }, 'zend'],
    [{}, 'anonymous'],
  ])('%j is %s', (fields, kind) => {
    expect(kindOf(mapping(fields), zend)).toBe(kind);
  });

  test('that PHP and malloc share are shared out', () => {
    const joined = mapping({ from: 8 * MIB, to: 64 * MIB, rssBytes: 20 * MIB, swapBytes: 10 * MIB });
    expect(byKind([joined], zend)).toMatchObject({ zend: 2 * MIB, anonymous: 28 * MIB });
  });

  test('what grew: files by name, anonymous ones by place, also where they moved their ends; small changes are none', () => {
    const before = [
      mapping({ path: '[heap]', from: 1, to: 2, rssBytes: MIB }),
      mapping({ from: 100 * MIB, to: 120 * MIB, rssBytes: 5 * MIB }),
      mapping({ path: '/a.so', inode: 1, rssBytes: MIB }),
    ];
    const after = [
      mapping({ path: '[heap]', from: 1, to: 9, rssBytes: 3 * MIB }),
      mapping({ from: 90 * MIB, to: 120 * MIB, rssBytes: 14 * MIB, swapBytes: MIB }),
      mapping({ path: '/a.so', inode: 1, rssBytes: MIB + 4096 }),
      mapping({ from: 500 * MIB, to: 510 * MIB, rssBytes: MIB }),
    ];
    expect(grownBetween({ mappings: before, zend: [] }, { mappings: after, zend: [] })).toEqual([
      { kind: 'anonymous', what: '5a00000-7800000', fromBytes: 5 * MIB, toBytes: 15 * MIB },
      { kind: 'brk', what: '[heap]', fromBytes: MIB, toBytes: 3 * MIB },
      { kind: 'anonymous', what: '1f400000-1fe00000', fromBytes: 0, toBytes: MIB },
    ]);
  });

  test('segments of System V count as one; of shared memory the address space is told, too', () => {
    const segment = (key: string, from: number): Mapping =>
      mapping({
        path: `/SYSV${key} (deleted)`,
        inode: 9,
        permissions: 'rw-s',
        from,
        to: from + 2 * MIB,
        rssBytes: MIB,
      });
    const before = [segment('00000000', 8 * MIB)];
    const after = [...before, segment('07700001', 16 * MIB), mapping({ from: 0, to: MIB })];
    expect(grownBetween({ mappings: before, zend: [] }, { mappings: after, zend: [] })).toEqual([
      { kind: 'shared', what: 'System V shared memory', fromBytes: MIB, toBytes: 2 * MIB },
    ]);
    expect([mappedShared(before), mappedShared(after)]).toEqual([2 * MIB, 4 * MIB]);
  });

  test('are read from smaps, also those with spaces in their names; lines of a newer kernel are skipped', () => {
    const text = [
      '55d0-55e0 rw-p 00000000 00:00 0                          [heap]',
      'Rss:                 936 kB',
      'Anonymous:           900 kB',
      'Swap:                  4 kB',
      'SwapPss:               1 kB',
      'VmFlags: rd mr mw me',
      'NewThing:             12 kB',
      '7f00-7f10 r-xp 00001000 fe:00 247958                     /opt/my app/own.so (deleted)',
      'Rss:                   8 kB',
      'Pss:                   2 kB',
      '',
    ].join('\n');
    expect(parseSmaps(text)).toEqual([
      mapping({
        from: 0x55d0,
        to: 0x55e0,
        path: '[heap]',
        rssBytes: 936 * 1024,
        anonymousBytes: 900 * 1024,
        swapBytes: 4096,
      }),
      mapping({
        from: 0x7f00,
        to: 0x7f10,
        permissions: 'r-xp',
        inode: 247_958,
        path: '/opt/my app/own.so (deleted)',
        rssBytes: 8192,
        pssBytes: 2048,
      }),
    ]);
  });
});

describe('what perf prints', () => {
  const EXT = '/usr/lib/php/20220829/newrelic.so';
  const text = `
php  1 2.3:          4 
\t  15354a __memset_avx2+0xca (/usr/lib/libc.so.6)
\t     262 [unknown] (${EXT})
\t  364e1f execute_ex (/usr/bin/php8.2)
\tffffffff [unknown] ([unknown])

         6 
\t   aaaa malloc (/usr/lib/libc.so.6)
\t   bbbb __zend_malloc (/usr/bin/php8.2)
\t     262 nr_realloc (${EXT})

         5 
\t   aaaa curl_thing (/usr/lib/libcurl.so.4)
\t     11 zif_curl_exec (/usr/lib/php/20220829/curl.so)

         3 
\t   cccc [unknown] (/usr/bin/php8.2)

         2 
\t   dddd [unknown] ([unknown])
`.replaceAll(/^php .*: +4 $/gm, '         4 ');
  const { total, samples, objects, chains } = parsePerfScript(text);

  test('is summed by who is responsible, past the C library and what PHP hands on to malloc', () => {
    expect({ total, samples }).toEqual({ total: 20, samples: 5 });
    expect(objects).toEqual([
      { object: 'newrelic.so', path: EXT, extension: EXT, faults: 10, share: 0.5 },
      {
        object: 'libcurl.so.4',
        path: '/usr/lib/libcurl.so.4',
        extension: '/usr/lib/php/20220829/curl.so',
        faults: 5,
        share: 0.25,
      },
      { object: 'php8.2', path: '/usr/bin/php8.2', extension: null, faults: 3, share: 0.15 },
      { object: '[unknown]', path: '[unknown]', extension: null, faults: 2, share: 0.1 },
    ]);
  });

  test('has its chains, the most frequent first', () => {
    expect(chains[0]).toEqual({
      faults: 6,
      frames: ['malloc (libc.so.6)', '__zend_malloc (php8.2)', 'nr_realloc (newrelic.so)'],
    });
  });

  test('may be nothing', () => {
    expect(parsePerfScript('')).toEqual({ total: 0, samples: 0, objects: [], chains: [] });
  });

  test.each([
    [
      'Access to performance monitoring and observability operations is limited.',
      /^perf is refused: run diagnose as root, or as the user of the process; root of a container needs CAP_PERFMON/,
    ],
    [
      'WARNING: perf not found for kernel 6.18\nmore',
      /not made for this kernel: WARNING: perf not found for kernel 6.18; install/,
    ],
    ['Error:\nNo permission to enable page-faults event.', /^perf is refused: run diagnose as root/],
    ['', /^perf recorded nothing$/],
    ['something else\n', /^perf recorded nothing: something else$/],
  ])('and what it complains of: %j', (said, expected) => {
    expect(refusal(said, 2)).toMatch(expected);
  });

  test('and a kernel that lets nobody else', () => {
    expect(refusal('Access to performance monitoring … perf_event_paranoid setting is 4', 4)).toBe(
      'perf is refused: kernel.perf_event_paranoid is 4; run diagnose as root, or sysctl kernel.perf_event_paranoid=2 for processes of the same user',
    );
  });
});

test('what it waits in is told as shares of the readings', () => {
  expect(waitShares(['poll', 'running', 'poll', 'poll'])).toEqual([
    { text: 'poll', share: 0.75 },
    { text: 'running', share: 0.25 },
  ]);
});

test.each([
  [1, 100],
  [10, 100],
  [60, 600],
  [600, 5000],
])('%s s are read every %s ms', (seconds, expected) => {
  expect(intervalOf(seconds)).toBe(expected);
});
