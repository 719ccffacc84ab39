import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ConfigError, describeConfig, environmentExample, loadConfig } from './config.js';

const key = Buffer.alloc(32, 7).toString('base64');

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs no setting at all', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      environment: 'production',
      host: 'localhost',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      databasePoolSize: 10,
      demo: true,
      demoAsked: false,
      allowUnsafeDurability: false,
      bodyLimitBytes: 1024 * 1024,
      accessTokenMinutes: 15,
      refreshTokenDays: 7,
    });
    expect(isAbsolute(config.dataDir)).toBe(true);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('reads what is set', () => {
    const databaseUrl = 'postgres://crm:secret@db:5432/crm';
    const config = loadConfig({
      PORT: '8080',
      DEMO: 'no',
      DATABASE_URL: databaseUrl,
      MASTER_KEY: key,
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    });
    expect(config).toMatchObject({
      port: 8080,
      publicUrl: 'http://localhost:8080',
      demo: false,
      demoAsked: false,
      databaseUrl,
      databaseDirectUrl: databaseUrl,
      masterKey: key,
      trustedProxies: ['10.0.0.0/8', '::1'],
    });
  });

  it('takes a log server by any of its schemes, and never one that hides a failed append', () => {
    for (const url of ['kurrentdb://a:2113?tls=false', 'esdb+discover://u:p@a,b', 'esdb://a']) {
      expect(loadConfig({ KURRENTDB_URL: url }).kurrentDbUrl).toBe(url);
    }
    for (const url of ['http://a:2113', 'esdb://a?tls=true&throwOnAppendFailure=false']) {
      expect(mistakesOf({ KURRENTDB_URL: url })).toEqual([
        expect.stringContaining('KURRENTDB_URL'),
      ]);
    }
  });

  it('takes an empty value as not set', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '  ' })).toMatchObject({
      port: 3000,
      databaseUrl: undefined,
    });
  });

  it('reports every mistake in one line that names the setting, the value and what is allowed', () => {
    expect(mistakesOf({ PORT: '70000', LOG_LEVEL: 'loud', DEMO: 'maybe' })).toEqual([
      'PORT is "70000"; allowed: a whole number from 0 to 65535.',
      'DEMO is "maybe"; allowed: true or false.',
      'LOG_LEVEL is "loud"; allowed: trace, debug, info, warn, error, fatal, silent.',
    ]);
  });

  it.each([
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['DATABASE_URL', 'mysql://db/crm'],
    ['DATABASE_URL', 'db:5432'],
    ['MASTER_KEY', 'short'],
    ['PUBLIC_URL', 'https://crm.example/'],
    ['HOST', 'a b'],
    ['TRUSTED_PROXIES', '10.0.0.1 all'],
    ['DATABASE_POOL_SIZE', '1'],
  ])('refuses %s=%s', (name, value) => {
    expect(mistakesOf({ [name]: value })).toHaveLength(1);
  });

  it('never repeats a secret', () => {
    const environment = { MASTER_KEY: 'my-secret', DATABASE_URL: 'my-secret' };
    expect(mistakesOf(environment).join()).not.toContain('my-secret');
    expect(JSON.stringify(describeConfig(environment))).not.toContain('my-secret');
  });
});

describe('describeConfig', () => {
  it('tells the value in effect and where it comes from', () => {
    const described = describeConfig({ PORT: '8080' });
    expect(described.find((setting) => setting.name === 'PORT')).toMatchObject({
      value: '8080',
      source: 'set',
    });
    expect(described.find((setting) => setting.name === 'LOG_LEVEL')).toMatchObject({
      value: 'info',
      source: 'default',
    });
  });
});

describe('.env.example', () => {
  it('is in step with the settings (`npm run generate -- env-example` writes it)', () => {
    const file = new URL('../../../.env.example', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(environmentExample());
  });
});
