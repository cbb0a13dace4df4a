import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../src/config/words.ts';

describe('a command string', () => {
  it.each([
    ['php artisan queue:work', ['php', 'artisan', 'queue:work']],
    ['  php\t x  ', ['php', 'x']],
    [`php "a b" 'c d' e\\ f`, ['php', 'a b', 'c d', 'e f']],
    [`php "" ''`, ['php', '', '']],
    [`php a"b"'c'd`, ['php', 'abcd']],
    [`php "a\\"b\\\\c\\$d\\e"`, ['php', 'a"b\\c$d\\e']],
    [`php 'a\\b"$x|;'`, ['php', 'a\\b"$x|;']],
    [`php "a|b;c>d"`, ['php', 'a|b;c>d']],
    ['php \\| \\; a\\$b', ['php', '|', ';', 'a$b']],
    ['php a#b \\#c', ['php', 'a#b', '#c']],
    ['php $ a$ 5$% $5', ['php', '$', 'a$', '5$%', '$5']],
    ['php a \\\n  b\n', ['php', 'a', 'b']],
    ['php {worker} *.php ~ A=b', ['php', '{worker}', '*.php', '~', 'A=b']],
  ])('%j', (command, words) => expect(splitWords(command)).toEqual({ ok: true, value: words }));

  it.each([
    ['a | b', 'no |'],
    ['a || b', 'no ||'],
    ['a && b', 'no &&'],
    ['a & b', 'no &'],
    ['a; b', 'no ;'],
    ['a > b', 'no >'],
    ['a 2>&1', 'no >'],
    ['a < b', 'no <'],
    ['(a)', 'no ('],
    ['a $(b)', 'no $('],
    ['a "$(b)"', 'no $('],
    ['a `b`', 'no backtick'],
    ['a "`b`"', 'no backtick'],
    ['a $HOME', 'write ${HOME}'],
    ['a "$HOME"', 'write ${HOME}'],
    ['a ${HOME}', 'write ${HOME}'],
    ['a\nb', 'one line'],
    ['a # b', 'no #'],
    ["a 'b", "a closing '"],
    ['a "b', 'a closing "'],
    ['a \\', 'a character after'],
    ['A=b c', 'put A under'],
    ['', 'a command such as'],
    ['""', 'a command such as'],
  ])('%j is refused: %s', (command, expected) => {
    const parsed = splitWords(command);
    expect(parsed.ok ? null : parsed.expected).toContain(expected);
  });

  /** One word, in pieces that are each quoted in some way; and what that must give. */
  const piece = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9_./:=@%+,-]{1,6}$/),
    fc.string({ maxLength: 6 }).map((text) => `'${text.replaceAll(/['\0\n\r]/g, '')}'`),
    fc.string({ maxLength: 6 }).map((text) => `"${text.replaceAll(/[\0\n\r]/g, '').replaceAll(/["\\$`]/g, '\\$&')}"`),
    fc.stringMatching(/^[ -~]$/).map((char) => `\\${char}`),
    fc.constantFrom('""', "''", '"\\a"', '"\\ "', 'é', '漢字'),
  );
  const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
  const gap = fc.constantFrom(' ', '  ', '\t', ' \t ');

  it('gives what a real shell gives', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, word), { minLength: 1, maxLength: 6 }), (pairs) => {
        const text = `php${pairs.map(([space, quoted]) => space + quoted).join('')}`;
        const shell = spawnSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' });
        expect(shell.status).toBe(0);
        expect(splitWords(text)).toEqual({ ok: true, value: shell.stdout.split('\0').slice(0, -1) });
      }),
      { numRuns: 150 },
    );
  });

  it('never throws, and never gives an empty program', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = splitWords(text);
        if (parsed.ok) expect(parsed.value[0]).not.toBe('');
      }),
    ));
});
