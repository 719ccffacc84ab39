import { describe, expect, it } from '@jest/globals';
import { scopeOf } from '#kernel/context';
import { userRoles } from '#event-schemas/identity/user.events';
import { actions, collections, systemRoles } from './roles.js';

/**
 * The whole table, written out by hand. Columns: read create update delete export bulk administer
 * share; A all, T team, O own, - refused.
 */
const golden = `
             owner    admin    manager  member   viewer
  companies  AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  contacts   AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  products   AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  pipelines  AAAAAA-- AAAAAA-- A------- A------- A-------
  deals      AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  tasks      AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  notes      AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  activities AAAAAA-A AAAAAA-A AATT---T AAOO---O A-------
  users      AAAAAAA- AAAAAAA- A-O----- A-O----- A-------
  invitations AAAAAA-- AAAAAA-- -------- -------- --------
  outbox     A------- A------- -------- -------- --------
  teams      AAAAAA-- AAAAAA-- A------- A------- A-------
  identityProviders AAAAAA-- AAAAAA-- -------- -------- --------
  roles      AAAAAA-- AAAAAA-- A------- A------- A-------
  scimConnections AAAAAA-- AAAAAA-- -------- -------- --------
  tenant     A-AAA--- A-A----- A------- A------- A-------
  settings   A-A----- A-A----- A------- A------- A-------
  preferences --O----- --O----- --O----- --O----- --O-----
  settingHolders A------- A------- O------- O------- O-------
  testClock  --A----- -------- -------- -------- --------
  followups  A------- A------- A------- A------- A-------
  apiKeys    AO-A---- AO-A---- OO-O---- OO-O---- OO-O----
  notifications O-O----- O-O----- O-O----- O-O----- O-O-----
  tenants    A------- A------- A------- A------- A-------
  timeline   A---A--- A---A--- A------- A------- A-------
  accessLog  A---A--- A---A--- -------- -------- --------
  audit      A---A--- A---A--- -------- -------- --------
  operations A-A----- A-A----- -------- -------- --------
  subjects   ---A---- ---A---- -------- -------- --------
  jobs       A-A----- A-A----- O-O----- O-O----- O-O-----
`;

const rows = golden
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.trim().split(/\s+/));
const letter = { all: 'A', team: 'T', own: 'O' } as const;

describe('system roles', () => {
  it.each(rows)('grant on %s what the table says', (collection, ...cells) => {
    const actual = userRoles.map((role) =>
      actions
        .map((action) => {
          const scope = scopeOf(systemRoles[role].grants, `${collection}:${action}`);
          return scope ? letter[scope] : '-';
        })
        .join(''),
    );
    expect(actual).toEqual(cells);
  });

  it('know no other collection, no wildcard and no other action', () => {
    expect(collections).toEqual(rows.map(([collection]) => collection));
    const known = collections.flatMap((one) => actions.map((action) => `${one}:${action}`));
    for (const { grants } of Object.values(systemRoles)) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(grants)));
    }
  });

  it('never let a weaker role do more than a stronger one', () => {
    const reach = { own: 1, team: 2, all: 3 };
    for (const [index, role] of userRoles.entries()) {
      const stronger = userRoles[index - 1];
      if (!stronger) continue;
      for (const [permission, scope] of Object.entries(systemRoles[role].grants)) {
        const above = scopeOf(systemRoles[stronger].grants, permission);
        expect(above ? reach[above] : 0).toBeGreaterThanOrEqual(reach[scope]);
      }
    }
  });
});
