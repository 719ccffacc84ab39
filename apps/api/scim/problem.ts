import type { Refusal } from '#kernel/refusal';
import { statusOf } from '../http/answers.js';

export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Error keywords of RFC 7644, section 3.12. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

/** A SCIM request that is refused, in the words of RFC 7644. */
export class ScimProblem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly scimType?: ScimType,
  ) {
    super(detail);
  }

  /** The body of the answer. */
  get body() {
    return {
      schemas: [ERROR_SCHEMA],
      status: String(this.status),
      ...(this.scimType ? { scimType: this.scimType } : {}),
      detail: this.message,
    };
  }
}

/** A 400 with its keyword. */
export const invalid = (scimType: ScimType, detail: string) =>
  new ScimProblem(400, detail, scimType);

const BY_CODE: Readonly<Record<string, readonly [number, ScimType]>> = {
  ALREADY_TAKEN: [409, 'uniqueness'],
  TEAM_FULL: [400, 'tooMany'],
};

/** A refusal of a command in the words of SCIM. */
export function problemOf({ code, category, message, details }: Refusal): ScimProblem {
  const told = details.map((one) => [one.message, one.remedy].filter(Boolean).join(' '));
  const detail = [message, ...told.filter((text) => text !== message)].join(' ');
  const known = BY_CODE[code];
  if (known) return new ScimProblem(known[0], detail, known[1]);
  if (category === 'shape' || category === 'rule') return invalid('invalidValue', detail);
  return new ScimProblem(statusOf[category], detail);
}
