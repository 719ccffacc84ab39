import type { Database, LoginRole, Queryable } from '../../postgres/database.js';
import type { AppendOutcome, AppendRequest, StoredResult } from '../port.js';
import { shardOf } from '../shard.js';
import type { Claim, ServerPosition } from './records.js';

/** Another's claim, as anyone may carry it out. */
export interface FoundClaim {
  readonly claim: Claim;
  /** Since when it is claimed, by the database's clock. */
  readonly seconds: number;
}

export type ClaimOutcome =
  | AppendOutcome
  | { readonly status: 'claimed' | 'unknown' }
  /** The command is being appended, or one of its streams is another command's. */
  | ({ readonly status: 'pending' | 'blocked' } & FoundClaim);

interface ClaimRow extends Omit<Claim, 'streams' | 'checks'> {
  readonly request: string;
  readonly seconds: number;
}

type Answer =
  | AppendOutcome
  | { readonly status: 'claimed' | 'unknown' }
  | { readonly status: 'pending' | 'blocked'; readonly claim: ClaimRow };

function foundClaim({ request, seconds, ...rest }: ClaimRow): FoundClaim {
  return {
    claim: { ...rest, ...(JSON.parse(request) as Pick<Claim, 'streams' | 'checks'>) },
    seconds,
  };
}

const outcomeOf = (answer: Answer): ClaimOutcome =>
  'claim' in answer ? { status: answer.status, ...foundClaim(answer.claim) } : answer;

/** Commands in PostgreSQL that are being appended to the server, and what they came to. */
export class Claims {
  constructor(private readonly database: Database) {}

  /** Takes the command id for what follows, or says why not. Appends nothing: it is through. */
  claim(request: AppendRequest, claim: Claim, alone: boolean): Promise<ClaimOutcome> {
    return this.ask(request, false, alone, claim);
  }

  /** What a claim would meet, streams and keys aside. */
  look(request: AppendRequest): Promise<ClaimOutcome> {
    return this.ask(request, true, false);
  }

  private async ask(
    request: AppendRequest,
    looking: boolean,
    alone: boolean,
    claim?: Claim,
  ): Promise<ClaimOutcome> {
    const { tenantId, commandId, requestHash, result, streams, keys = [] } = request;
    const written = streams.filter(({ events }) => events.length > 0);
    const ids = written.flatMap(({ events }) => events.map(({ eventId }) => eventId));
    const { rows } = await this.database.pool('api').query<{ answer: Answer }>({
      ...this.database.named('es_claim'),
      text: `SELECT es_claim($1, $2, $3, $4, decode($5, 'hex'), $6, $7, $8, $9, $10, $11, $12, $13,
        $14) AS answer`,
      values: [
        ...[looking, alone, tenantId, commandId, requestHash, result],
        streams.map(({ streamId }) => streamId),
        written.map(({ streamId }) => streamId),
        ids,
        keys.map(({ subjectId }) => subjectId),
        keys.map(({ version }) => version),
        keys.map(({ wrapped }) => wrapped),
        claim?.token ?? null,
        claim ? JSON.stringify({ streams: claim.streams, checks: claim.checks }) : null,
      ],
    });
    return outcomeOf(rows[0]!.answer);
  }

  /** Ends a claim whose events are stored; answers what is kept with the command id. */
  async settle(claim: Claim, at: ServerPosition, role: LoginRole = 'api'): Promise<StoredResult> {
    const { tenantId, commandId, requestHash, result, streams } = claim;
    const { rows } = await this.database
      .pool(role)
      .query<{ answer: { readonly stored: StoredResult } }>({
        ...this.database.named('es_settle'),
        text: `SELECT es_settle($1, $2, decode($3, 'hex'), $4, $5, $6, $7) AS answer`,
        values: [
          ...[tenantId, commandId, requestHash, result, String(at.commit), String(at.prepare)],
          shardOf(tenantId, streams.at(-1)!.streamId),
        ],
      });
    return rows[0]!.answer.stored;
  }

  /** Ends a claim of which nothing is stored; the command id is free again. */
  async release({ tenantId, commandId, token }: Claim, role: LoginRole = 'api'): Promise<void> {
    await this.database
      .pool(role)
      .query('SELECT es_release($1, $2, $3)', [tenantId, commandId, token]);
  }

  /** Claims of every tenant whose owner seems to have gone. */
  async left(seconds: number): Promise<readonly Claim[]> {
    const { rows } = await this.database.pool('projector').query<ClaimRow>(
      `SELECT p.tenant_id AS "tenantId", p.command_id AS "commandId", p.token,
          encode(p.request_hash, 'hex') AS "requestHash", p.result, p.request, 0 AS seconds
         FROM es_pending p WHERE p.claimed_at < clock_timestamp() - $1 * interval '1 second'
        ORDER BY p.claimed_at LIMIT 100`,
      [seconds],
    );
    return rows.map((row) => foundClaim(row).claim);
  }
}

/** Whether a command that writes to a stream is under way. */
export async function isWritten(query: Queryable, tenantId: string, streamId: string) {
  const { rowCount } = await query.query(
    'SELECT FROM es_pending WHERE tenant_id = $1 AND $2 = ANY (streams) LIMIT 1',
    [tenantId, streamId],
  );
  return (rowCount ?? 0) > 0;
}
