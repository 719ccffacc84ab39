export interface StreamName {
  readonly tenantId: string;
  readonly streamId: string;
}

/**
 * Names on the server: `<tenant as 32 hex>.deal-<uuid>`, after a prefix where several installations
 * or test runs share a server. The tenant has no dashes, since the server's own category is
 * everything before the first one.
 */
export class StreamNames {
  private readonly pattern: RegExp;
  /** For the server's filter of `$all`. */
  readonly regex: string;

  /** @param prefix letters, digits and underscores */
  constructor(private readonly prefix = '') {
    if (!/^\w{0,64}$/.test(prefix)) throw new RangeError(`not a prefix of streams: ${prefix}`);
    this.regex = `^${prefix}[0-9a-f]{32}\\.[a-z]`;
    this.pattern = new RegExp(
      `^${prefix}([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\\.(.+)$`,
    );
  }

  of(tenantId: string, streamId: string): string {
    return `${this.prefix}${tenantId.replaceAll('-', '')}.${streamId}`;
  }

  /** Undefined where the name is not one of ours. */
  parse(name: string): StreamName | undefined {
    const parts = this.pattern.exec(name);
    if (!parts) return undefined;
    return { tenantId: parts.slice(1, 6).join('-'), streamId: parts[6]! };
  }
}
