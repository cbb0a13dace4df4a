import { describe, expect, it } from 'vitest';
import { SUBSCRIBABLE, eventsNamed } from '../../../src/config/event-names.ts';
import { maskConfig } from '../../../src/config/mask.ts';
import { configOf, folder, loadText, shop } from './files.ts';

const listener = (keys: string): string => `${shop('')}eventListeners:\n  mail: { ${keys} }\n`;

describe('an event listener', () => {
  it('has defaults', () => {
    expect(configOf(listener('command: crashmail -a, events: [PROCESS_STATE_EXITED]')).eventListeners).toEqual({
      mail: {
        name: 'mail',
        command: ['crashmail', '-a'],
        events: ['PROCESS_STATE_EXITED'],
        workers: 1,
        bufferSize: 10,
        timeoutMs: 60_000,
        onTimeout: 'warn',
        directory: folder,
        user: null,
        environment: {},
        priority: -1,
      },
    });
  });

  it('shows no secret of its environment and command', () => {
    const config = configOf(
      listener('command: a --password=hunter2, events: [EVENT], environment: { API_TOKEN: hunter2 }'),
    );
    expect(JSON.stringify(maskConfig(config))).not.toContain('hunter2');
  });

  it('is told of events that never come, with the line', () => {
    const loaded = loadText(listener('command: a, events: [TICK_5, PROCESS_LOG_STDOUT, PROCESS_COMMUNICATION]'));
    expect(loaded.notYetActive).toEqual([
      expect.objectContaining({
        path: 'eventListeners.mail.events',
        line: 7,
        text: expect.stringMatching(
          /^eventListeners\.mail\.events: PROCESS_LOG_STDOUT is never sent: .*ackwarden logs -f/,
        ) as string,
      }),
      expect.objectContaining({ text: expect.stringContaining('PROCESS_COMMUNICATION is never sent') as string }),
    ]);
  });
});

describe('names of events', () => {
  it.each([
    [['TICK_5'], ['TICK_5']],
    [['TICK'], ['TICK_5', 'TICK_60', 'TICK_3600']],
    [
      ['PROCESS_GROUP', 'PROCESS_GROUP_ADDED'],
      ['PROCESS_GROUP_ADDED', 'PROCESS_GROUP_REMOVED'],
    ],
    [['PROCESS_LOG'], []],
  ])('%j stands for %j', (names, events) => expect([...eventsNamed(names)]).toEqual(events));

  it('EVENT stands for all that are sent', () => {
    const all = eventsNamed(['EVENT']);
    expect(all.size).toBe(15);
    for (const name of SUBSCRIBABLE) for (const event of eventsNamed([name])) expect(all.has(event)).toBe(true);
  });
});
