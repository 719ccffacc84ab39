import { Injectable, inject } from '@angular/core';
import { Api, type Detail } from '../../data/api';

/** The plan of the workspace, its limits, and what is used of them. */
export interface PlanUsage {
  readonly planType: string;
  readonly trialEndsAt: string | null;
  readonly subscriptionEndsAt: string | null;
  readonly seats: { readonly used: number; readonly limit: number };
  readonly storageBytes: { readonly used: number; readonly limit: number };
  readonly requestsPerMinute: { readonly limit: number };
  /** What plans have beside the records, whether this one does, and from which on they do. */
  readonly features: readonly {
    readonly name: string;
    readonly title: string;
    readonly from: string;
    readonly included: boolean;
  }[];
  /** All plans, with what keeps the workspace from each. */
  readonly plans: readonly {
    readonly planType: string;
    readonly seats: number;
    readonly storageBytes: number;
    readonly requestsPerMinute: number;
    readonly problems: readonly Detail[];
  }[];
  /** The newest month first. */
  readonly apiRequests: readonly { readonly month: string; readonly count: number }[];
}

/** Whether so much is used that people should know. */
export function isNear({ used, limit }: PlanUsage['seats']): boolean {
  return used >= limit * 0.8;
}

/** Asks the API what the workspace has and uses. */
@Injectable({ providedIn: 'root' })
export class Plan {
  private readonly api = inject(Api);

  usage(): Promise<PlanUsage> {
    return this.api.json('/api/v1/tenant/usage');
  }
}
