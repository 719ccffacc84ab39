import type { FastifyInstance } from 'fastify';
import { refusal } from '#kernel/refusal';
import { RefusedError } from '../http/answers.js';

const MAX_DEPTH = 32;

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

function tooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
  }
  return false;
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
  if (tooDeep(value)) {
    throw malformed(`The body is nested deeper than ${MAX_DEPTH} levels.`, 'Flatten it.');
  }
  return value;
}

/** The only body the REST API takes is `application/json`. */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
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
