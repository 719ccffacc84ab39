import type { Refusal } from '#kernel/refusal';
import { planTypes, type PlanType } from '#event-schemas/identity/tenant.events';
import { GIGABYTE, storageOf, storageShort } from '#apps/composition/storage';
import { featureNames, features, hasFeature } from '#identity/tenant/features';
import { planLimits } from '#identity/tenant/create-tenant';
import { seats } from '#identity/tenant/seats';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { crowdedRefusal } from '#platform/commands/answers';
import { usageOf, type UsageCounter } from '#platform/usage/usage';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { count, instant, listOf, maybe, objectOf, ref, text } from './schemas.js';
import { notFound, type Services } from './services.js';

export interface UsageServices extends Services {
  readonly usage: UsageCounter;
  readonly requestsPerMinute: Readonly<Record<PlanType, number>>;
}

async function usage(services: UsageServices, { caller }: Call): Promise<Answer | Refusal> {
  const { platform, requestsPerMinute } = services;
  const { tenantId } = caller;
  const workspace = (await platform.facts.state(tenantId, tenant, tenantId)) as TenantState;
  if (workspace.status === 'absent') return notFound({ record: 'workspace' });
  const { planType, maxUsers, trialEndsAt, subscriptionEndsAt } = workspace.values;
  await services.usage.flush();
  const [{ holders }, storageBytes, months] = await Promise.all([
    platform.reservations.find(tenantId, seats),
    storageOf(platform, services.imports.files, tenantId),
    usageOf(platform.database, tenantId),
  ]);
  return {
    data: {
      planType,
      trialEndsAt,
      subscriptionEndsAt,
      seats: { used: holders.size, limit: maxUsers },
      storageBytes,
      requestsPerMinute: { limit: requestsPerMinute[planType] },
      features: featureNames.map((name) => ({
        name,
        title: features[name].title,
        from: features[name].from,
        included: hasFeature(planType, name),
      })),
      plans: planTypes.map((one) => {
        const isOwn = one === planType;
        // Of its own plan the workspace has what was agreed.
        const { maxUsers: places, maxStorageGb } = isOwn ? workspace.values : planLimits[one];
        const room = maxStorageGb * GIGABYTE;
        const crowded = holders.size > places && crowdedRefusal(seats.scope, places, holders.size);
        const short = storageBytes.used > room && storageShort(maxStorageGb);
        return {
          planType: one,
          seats: places,
          storageBytes: room,
          requestsPerMinute: requestsPerMinute[one],
          problems: [crowded, short].flatMap((found) => (found && !isOwn ? found.details : [])),
        };
      }),
      apiRequests: months.map((one) => ({ month: one.month, count: one.count })),
    },
  };
}

const plan = { type: 'string', enum: [...planTypes] };
const bounded = objectOf({ used: count, limit: count });
const limit = objectOf({ limit: count });

/** The plan of the workspace, its limits, and what is used of them. */
export function usageEndpoints(services: UsageServices): Endpoint[] {
  return [
    {
      operation: 'usage',
      method: 'GET',
      path: '/tenant/usage',
      tag: 'workspace',
      summary: 'Read the plan, its limits and what is used of them',
      description:
        'Seats are held by whoever may sign in or is invited. Events and uploaded files are stored; ' +
        'at the limit nothing can be uploaded or imported. Requests are counted by calendar ' +
        'month (UTC), the newest first.',
      access: { permission: 'tenant:update' },
      answer: {
        status: 200,
        description: 'Limits and usage.',
        data: objectOf({
          planType: plan,
          trialEndsAt: maybe(instant),
          subscriptionEndsAt: maybe(instant),
          seats: bounded,
          storageBytes: bounded,
          requestsPerMinute: limit,
          features: listOf(
            objectOf({ name: text, title: text, from: plan, included: { type: 'boolean' } }),
          ),
          plans: listOf(
            objectOf({
              planType: plan,
              seats: count,
              storageBytes: count,
              requestsPerMinute: count,
              problems: listOf(ref('ErrorDetail')),
            }),
          ),
          apiRequests: listOf(objectOf({ month: text, count })),
        }),
      },
      handle: (call) => usage(services, call),
    },
  ];
}
