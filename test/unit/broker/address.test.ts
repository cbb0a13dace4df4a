import { assert, property, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokerAddress } from '../../../src/broker/address.ts';

describe('brokerAddress', () => {
  it.each([
    ['amqp://guest:guest@127.0.0.1:5672/', '127.0.0.1:5672'],
    ['amqp://127.0.0.1', '127.0.0.1:5672'],
    ['amqps://u:p@mq.example/', 'mq.example:5671'],
    ['amqp://u:p@mq.example/my%20host', 'mq.example:5672 (virtual host my host)'],
    ['amqp://u:p@[::1]:5673', '[::1]:5673'],
    ['secret@host', '(a broker URL that cannot be read)'],
  ])('%s is shown as %s', (url, shown) => {
    expect(brokerAddress(url)).toBe(shown);
  });

  it('never shows a password', () => {
    assert(
      property(stringMatching(/^[a-z]{12,20}$/), (password) => {
        expect(brokerAddress(`amqp://user:${password}@mq.example:5672/`)).not.toContain(password);
      }),
    );
  });
});
