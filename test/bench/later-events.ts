import { HistoryWriter, type Happening } from './history-writer.js';
import { contactLife } from '#event-schemas/customers/contact.events';
import { uuidv7 } from '#kernel/ids';
import { catchUp, type Stretch, type World } from './world.js';

const EVENTS = 10_000;

function* created(): Generator<Happening> {
  const actorId = uuidv7();
  for (let n = 0; n < EVENTS; n++) {
    const id = uuidv7();
    const fact = contactLife.fact('created', id, {
      ...{ ownerId: actorId, tags: [] },
      ...{ firstName: 'Lena', lastName: `Later${n}`, email: `lena.later.${id}@mail.example` },
      ...{ leadStatus: 'new', leadSource: 'web', leadScore: n % 101, addressCity: 'Linz' },
    });
    const facts = [{ fact, at: new Date() }];
    yield { streamId: `contact-${id}`, revision: 0, facts, actorId, newSubject: id };
  }
}

async function* changed(world: World): AsyncGenerator<Happening> {
  const actorId = uuidv7();
  const contacts = await world.admin(async (db) => {
    const { rows } = await db.query<{ id: string; revision: string }>(
      `SELECT id, revision FROM rm_contacts WHERE tenant_id = $1
        ORDER BY hashtext(id::text) LIMIT ${EVENTS}`,
      [world.ctx.tenantId],
    );
    return rows;
  });
  for (const [n, { id, revision }] of contacts.entries()) {
    const fact = contactLife.fact('changed', id, { leadStatus: 'contacted', leadScore: n % 101 });
    const facts = [{ fact, at: new Date() }];
    yield { streamId: `contact-${id}`, revision: Number(revision), facts, actorId };
  }
}

/** Appends more events to a world that was there already, and measures how fast rows follow. */
export async function catchUpWith(world: World, what: 'created' | 'changed'): Promise<Stretch> {
  await catchUp(world.platform, 0);
  const writer = new HistoryWriter(world.platform, world.ctx.tenantId);
  const happenings: Happening[] = [];
  for await (const one of what === 'created' ? created() : changed(world)) happenings.push(one);
  await writer.write(happenings);
  return catchUp(world.platform, writer.written);
}
