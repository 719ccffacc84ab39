import { setSsoSecret, ssoSecretOf } from '#platform/auth/sso-rows';
import type { Platform } from '#platform/platform';

/** Seals what single sign-on keeps beside the log under the key of its tenant. */
export class SsoSecrets {
  constructor(private readonly platform: Platform) {}

  /** Seals what a request brought until its browser collects it. */
  seal(tenantId: string, requestId: string, text: string): Promise<string> {
    return this.platform.keys.sealForTenant(tenantId, text, `sso-request:${tenantId}:${requestId}`);
  }
  open(tenantId: string, requestId: string, box: string): Promise<string> {
    return this.platform.keys.openForTenant(tenantId, box, `sso-request:${tenantId}:${requestId}`);
  }

  /** The client secret of a provider; undefined where it has none. */
  async clientSecret(tenantId: string, providerId: string): Promise<string | undefined> {
    const box = await this.platform.database.tenant(tenantId, (db) =>
      ssoSecretOf(db, tenantId, providerId),
    );
    if (!box) return undefined;
    return this.platform.keys.openForTenant(tenantId, box, `sso-secret:${tenantId}:${providerId}`);
  }
  async setClientSecret(tenantId: string, providerId: string, secret: string): Promise<void> {
    const aad = `sso-secret:${tenantId}:${providerId}`;
    const box = await this.platform.keys.sealForTenant(tenantId, secret, aad);
    await this.platform.database.tenant(tenantId, (db) =>
      setSsoSecret(db, tenantId, providerId, box, this.platform.clock()),
    );
  }
}
