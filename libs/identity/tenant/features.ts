import { refusal, type Refusal } from '#kernel/refusal';
import { planTypes, type PlanType } from '#event-schemas/identity/tenant.events';

interface Feature {
  readonly title: string;
  /** The smallest plan that has it; larger ones do as well. */
  readonly from: PlanType;
  /** What cannot be done without it. Reading and taking away what is there always can. */
  readonly permissions: readonly string[];
}

/** The one place that says which plan has what beyond the records themselves. */
export const features = {
  apiKeys: { title: 'API keys', from: 'professional', permissions: ['apiKeys:create'] },
  ownRoles: {
    title: 'Roles and field limits of your own',
    from: 'professional',
    permissions: ['roles:create', 'roles:update'],
  },
  singleSignOn: {
    title: 'Single sign-on',
    from: 'business',
    permissions: ['identityProviders:create', 'identityProviders:update'],
  },
  auditExport: {
    title: 'Export of the audit log',
    from: 'business',
    permissions: ['audit:export'],
  },
  provisioning: {
    title: 'Provisioning by SCIM',
    from: 'enterprise',
    permissions: ['scimConnections:create', 'scimConnections:update'],
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof features;
export const featureNames = Object.keys(features) as FeatureName[];

/** Whether workspaces of this plan have the feature. */
export function hasFeature(planType: PlanType, name: FeatureName): boolean {
  return planTypes.indexOf(planType) >= planTypes.indexOf(features[name].from);
}

function notInPlan(planType: PlanType, name: FeatureName): Refusal {
  const { title, from } = features[name];
  const message = `The plan ${planType} has no ${title.replace(/^[A-Z](?![A-Z])/, (one) => one.toLowerCase())}.`;
  const remedy = `Ask whoever operates the platform for the plan ${from} or a larger one.`;
  return refusal('FEATURE_NOT_IN_PLAN', 'forbidden', message, [
    { field: 'planType', rule: 'plan', message, remedy, value: name },
  ]);
}

type Withheld = Readonly<Record<string, Refusal>>;

const withheld = Object.fromEntries(
  planTypes.map((planType) => {
    const absent = featureNames.filter((name) => !hasFeature(planType, name));
    const refused = absent.flatMap((name) =>
      features[name].permissions.map((one) => [one, notInPlan(planType, name)] as const),
    );
    return [planType, Object.fromEntries(refused)];
  }),
) as Readonly<Record<PlanType, Withheld>>;

/** Permissions that a plan withholds from everybody, each with the refusal that says why. */
export const withheldBy = (planType: PlanType): Withheld => withheld[planType];
