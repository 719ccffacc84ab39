import { defineEvent } from '#kernel/event';
import { choice, instant, object, text, uuid } from '#kernel/fields';

/** What the platform keeps of a workspace it destroyed; nothing about its people but an id. */
export const deletionEvents = {
  destroyed: defineEvent({
    type: 'WorkspaceDestroyed',
    action: 'destroyed',
    schema: object({
      tenantId: uuid({ description: 'The workspace whose keys were destroyed.' }),
      byType: choice(['user', 'system'], { description: 'Whether a person or the operator.' }),
      byId: text(100, { description: 'Id of the person, or the tool of the operator.' }),
      decidedAt: instant({ description: 'When it was decided that nothing brings it back.' }),
    }),
    samples: {
      1: {
        tenantId: '01890a5d-ac96-774b-bcce-b302099a8000',
        byType: 'user',
        byId: '01890a5d-ac96-774b-bcce-b302099a8057',
        decidedAt: '2026-03-15T10:00:00.000Z',
      },
    },
  }),
};
