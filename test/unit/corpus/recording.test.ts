import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecording, encodeRecording } from '../../corpus/recording.ts';

const pages = fc.integer({ min: 0, max: 1 << 20 }).map((count) => count * 4096);
const reading = fc.record({ rssBytes: pages, anonBytes: pages, zendBytes: pages, messages: fc.nat({ max: 100 }) });

test('what is recorded is read again, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(reading, { minLength: 2 }), fc.integer({ min: 1, max: 60 }), (readings, interval) => {
      let acknowledged = 0;
      const rows = readings.map(({ messages, ...figures }, sample) => {
        acknowledged += messages;
        return { seconds: sample * interval, ...figures, swapBytes: 0, acknowledged };
      });
      const recording = { name: 'a', kind: 'b', label: 'leak', rows } as const;
      expect(decodeRecording(encodeRecording(recording))).toEqual(recording);
    }),
  );
});
