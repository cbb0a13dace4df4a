/** exitOnFatal: a container is started anew as a whole, so one worker that was given up ends the run. */
import type { Controller } from './controller.ts';

/**
 * Call `end` once, with the reason, as soon as a worker is FATAL.
 *
 * @returns to be called when the controller has started: a worker that was FATAL already, under the controller before, counts as well
 */
export const endWhenFatal = (controller: Controller, end: (why: string) => void): (() => void) => {
  let ended = false;
  const look = (): void => {
    const worker = Object.values(controller.core.workers).find(({ life }) => life.state === 'FATAL');
    if (ended || worker === undefined) return;
    ended = true;
    const last = controller.scribe.lastOf(worker.name);
    const why = last?.action === 'fatal' ? last.reason.text : `${worker.name} is FATAL`;
    controller.scribe.say('fatal', 'fatal.exits', {}, worker);
    end(`everything was stopped, because exitOnFatal is set: ${why}`);
  };
  controller.journal.subscribe(({ action }) => {
    if (action === 'fatal') look();
  });
  return look;
};
