import { safeTarget } from './guard';

describe('where a sign-in leads', () => {
  it('keeps addresses of the app', () => {
    expect(safeTarget('/deals?status=open&asOf=2026-01-01')).toBe(
      '/deals?status=open&asOf=2026-01-01',
    );
  });

  it('never leads anywhere else', () => {
    for (const next of [null, '', 'https://evil.example', '//evil.example', '/\\evil.example']) {
      expect(safeTarget(next)).toBe('/');
    }
  });
});
