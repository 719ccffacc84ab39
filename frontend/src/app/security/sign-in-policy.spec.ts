import { consequence } from './sign-in-policy';

const policy = {
  people: [
    { role: 'owner', people: 1, withoutFactor: 0 },
    { role: 'admin', people: 3, withoutFactor: 1 },
    { role: 'member', people: 9, withoutFactor: 4 },
  ],
};
const now = new Date('2031-03-01T09:00:00Z');
const means = (requiredRoles: string[], more: object = {}) =>
  consequence(policy, { requiredRoles, enforcedFrom: null, emailCodes: false, ...more }, now);

describe('what a required second factor means', () => {
  it('counts those of the roles who have none', () => {
    expect(means([])).toContain('Nobody needs');
    expect(means(['owner'])).toBe('Everybody it concerns has a second factor already.');
    expect(means(['owner', 'admin'])).toContain('1 person of these roles has no second factor.');
    expect(means(['admin', 'member'])).toContain('5 people of these roles have no second factor.');
  });

  it('says what becomes of them: at once, later, or with a code by e-mail', () => {
    expect(means(['admin'])).toContain('Their sessions end');
    expect(means(['admin'], { enforcedFrom: '2031-02-01T09:00:00Z' })).toContain('sessions end');
    expect(means(['admin'], { enforcedFrom: '2031-03-08T09:00:00Z' })).toContain('Until then');
    expect(means(['admin'], { emailCodes: true })).toContain('a code by e-mail');
  });
});
