declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg';
  import type { Readable, Writable } from 'node:stream';

  /** Rows of `COPY … TO STDOUT` as they come. */
  export function to(text: string): Readable & Submittable;
  /** Rows for `COPY … FROM STDIN`. */
  export function from(text: string): Writable & Submittable;
}
