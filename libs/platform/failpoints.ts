import { writeSync } from 'node:fs';

/**
 * Places where a process may be made to end at once, as a crash there would end it. Each stands
 * between two effects that must not depend on one another.
 */
export const failpoints = [
  'before_append',
  'after_append_before_ack',
  'before_answer',
  'before_snapshot',
  'between_reservation_and_append',
  'before_feed_read',
  'after_feed_read',
  'projector_between_rows_and_checkpoint',
  'projector_before_commit',
  'projector_after_commit',
  'rebuild_after_batch',
  'rebuild_before_swap',
  'rebuild_after_swap',
  'saga_before_step',
  'saga_after_step_append',
  'saga_after_timers',
  'saga_after_command',
  'saga_after_refusal_append',
  'saga_after_timer_append',
  'saga_after_timer_mark',
  'saga_before_checkpoint',
  'saga_after_checkpoint',
  'job_after_start',
  'job_after_claim',
  'job_before_save',
  'job_after_save',
  'job_before_finish',
  'job_after_finish',
  'seal_before_rows',
  'seal_between_rows_and_copy',
  'seal_after_copy',
  'deletion_after_keys',
  'deletion_after_chunk',
  'deletion_before_record',
] as const;
export type Failpoint = (typeof failpoints)[number];

const armed = new Map<string, number>();

/**
 * `after_append_before_ack`, or `after_append_before_ack:3` for the third time it is passed; several
 * with commas between end the process at whichever comes first.
 */
export function isFailpoint(text: string): boolean {
  return text.split(',').every((one) => {
    const [name, nth = '1', ...more] = one.split(':');
    return (
      more.length === 0 && failpoints.some((known) => known === name) && /^[1-9]\d{0,5}$/.test(nth)
    );
  });
}

/** Makes this process end where the text says; nothing where there is none. */
export function armFailpoint(text: string | undefined): void {
  if (text === undefined) return;
  for (const one of text.split(',')) {
    const [name, nth = '1'] = one.split(':');
    armed.set(name!, Number(nth));
  }
}

/** Ends the process here, without any clean-up, when it was told to; a last line says where. */
export function failpoint(name: Failpoint): void {
  const left = armed.get(name);
  if (left === undefined) return;
  armed.set(name, left - 1);
  if (left > 1) return;
  writeSync(process.stderr.fd, `failpoint ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}
