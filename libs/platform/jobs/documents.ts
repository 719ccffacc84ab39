import type { KeyRing } from '../event-store/key-ring.js';
import type { JobRef } from './job.js';

type Part = 'input' | 'checkpoint' | 'result';

/**
 * What a job keeps, sealed under its tenant's key: rejected values of an import are personal data,
 * whatever a job promises.
 */
export class JobDocuments {
  constructor(private readonly keys: KeyRing) {}

  seal({ tenantId, id }: JobRef, part: Part, value: unknown): Promise<string> {
    return this.keys.sealForTenant(tenantId, JSON.stringify(value ?? null), `job:${id}:${part}`);
  }

  async open({ tenantId, id }: JobRef, part: Part, box: string | null): Promise<unknown> {
    if (box === null) return null;
    return JSON.parse(await this.keys.openForTenant(tenantId, box, `job:${id}:${part}`));
  }
}
