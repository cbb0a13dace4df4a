import { expect, test } from 'vitest';
import { ClientError } from '../../../../src/api/client-errors.ts';
import { checkController } from '../../../../src/cli/doctor/controller.ts';
import { makeStatus } from '../samples.ts';

const warning = 'an older shim (pid 7, version 0.1.0) lives on with 2 processes';

test('each warning of the controller is a note', async () => {
  const status = () => Promise.resolve({ ...makeStatus([]), warnings: [warning] });
  expect(await checkController({ status })).toMatchObject([{ id: 'controller', level: 'note', text: warning }]);
});

test('none is ok, and without a controller there is nothing to say', async () => {
  const quiet = () => Promise.resolve({ ...makeStatus([]), warnings: [] });
  expect(await checkController({ status: quiet })).toMatchObject([{ level: 'ok' }]);
  const gone = () => Promise.reject(new ClientError('noController', 4, 'no controller'));
  expect(await checkController({ status: gone })).toEqual([]);
  await expect(checkController({ status: () => Promise.reject(new Error('a fault of ours')) })).rejects.toThrow(
    'fault',
  );
});
