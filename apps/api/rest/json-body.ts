import type { FastifyInstance } from 'fastify';
import { refusal } from '#kernel/refusal';
import { FORM_TYPE, FormBody } from '../auth/sso/form-body.js';
import { RefusedError } from '../http/answers.js';

const MAX_DEPTH = 32;
/** The largest request has 500 records of some 30 fields. */
const MAX_VALUES = 20_000;

function malformed(message: string, remedy: string): RefusedError {
  return new RefusedError(
    refusal('MALFORMED_JSON', 'shape', message, [{ field: 'body', rule: 'json', message, remedy }]),
  );
}

/** Line and column of a parser's message, which names a position or nothing at all. */
function place(text: string, error: unknown): string {
  const found = /position (\d+)/.exec((error as Error).message)?.[1];
  const end = /Unexpected end/.test((error as Error).message);
  if (!found && !end) return '';
  const position = found ? Number(found) : text.length;
  const before = text.slice(0, position).split('\n');
  const column = before.at(-1)!.length + 1;
  return ` at position ${position} (line ${before.length}, column ${column})`;
}

/** Refuses what is nested too deeply or holds too many values; reads no further than it has to. */
function checkSize(value: unknown): void {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  let values = 1;
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    if (one.depth > MAX_DEPTH) {
      throw malformed(`The body is nested deeper than ${MAX_DEPTH} levels.`, 'Flatten it.');
    }
    if (typeof one.value !== 'object' || one.value === null) continue;
    const inner = Object.values(one.value);
    values += inner.length;
    if (values > MAX_VALUES) throw tooMany();
    for (const part of inner) waiting.push({ value: part, depth: one.depth + 1 });
  }
}

function tooMany(): RefusedError {
  const message = `The body holds more than ${MAX_VALUES} values.`;
  const detail = { field: 'body', rule: 'size', message, remedy: 'Send less at once.' };
  return new RefusedError(refusal('BODY_TOO_LARGE', 'shape', message, [detail]), 413);
}

/** Parses a request body: UTF-8 and JSON to the letter, no deeper than any of our inputs. */
export function parseJson(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('The body is not UTF-8.', 'Encode the body as UTF-8.');
  }
  if (text.trim() === '') throw malformed('The body is empty.', 'Send a JSON object.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = `The body is not valid JSON${place(text, error)}.`;
    throw malformed(message, 'Send valid JSON; a JSON library writes it for you.');
  }
  checkSize(value);
  return value;
}

/** Bodies that are passed on as a stream, to the few endpoints that take a file. */
export const FILE_TYPES = ['text/csv', 'application/octet-stream'];

/** The bodies the REST API takes: `application/json`, and files where an endpoint says so. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FILE_TYPES, (_request, payload, done) => done(null, payload));
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'string' }, (_request, body, done) =>
    done(null, new FormBody(new URLSearchParams(body as string))),
  );
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (_request, body: Buffer, done) => {
      try {
        done(null, parseJson(body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}
