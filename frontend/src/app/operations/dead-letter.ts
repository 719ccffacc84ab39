import { Injectable, inject } from '@angular/core';
import { apiError } from '../../data/api';
import {
  DeadLettersDocument,
  DiscardDeadLetterDocument,
  RetryDeadLetterDocument,
  type DeadLetterFieldsFragment,
  type DeadLettersQuery,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { numberText } from '../../ui/format';
import { Toasts } from '../../ui/toasts';

/** A record a read model or a saga set aside, with the event to blame. */
export type DeadLetter = DeadLetterFieldsFragment;
export type DeadLetterPage = DeadLettersQuery['deadLetters'];

/** One name for each record that a processor set aside. */
export const keyOf = ({ processor, streamId }: DeadLetter) => `${processor}/${streamId}`;

/** `saga:deal-follow-up` and `deals` in words. */
export function processorTitle({ processor }: Pick<DeadLetter, 'processor'>): string {
  const name = processor.replace(/^saga:/, '').replaceAll('-', ' ');
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return processor.startsWith('saga:') ? `Automation “${title}”` : title;
}

/** What was set aside: read, tried again, left out. */
@Injectable({ providedIn: 'root' })
export class DeadLetters {
  private readonly graphql = inject(Graphql);
  private readonly toasts = inject(Toasts);

  async all(): Promise<DeadLetterPage> {
    return (await this.graphql.run(DeadLettersDocument, {})).deadLetters;
  }

  /** Whether it was freed; otherwise a message says why not. */
  async retry({ processor, streamId }: DeadLetter): Promise<boolean> {
    return this.told(async () => {
      const place = { processor, streamId };
      return (await this.graphql.run(RetryDeadLetterDocument, place)).answer;
    });
  }

  /** Whether the event was left out; the record may still wait for another one. */
  async discard({ processor, streamId, revision }: DeadLetter, note: string): Promise<boolean> {
    return this.told(async () => {
      const input = { processor, streamId, revision, note };
      return (await this.graphql.run(DiscardDeadLetterDocument, input)).answer;
    });
  }

  private async told(work: () => Promise<Answer>): Promise<boolean> {
    try {
      const answer = await work();
      if (answer.__typename === 'Refused') {
        this.toasts.problem(answer.message);
        return false;
      }
      const events = `${numberText(answer.handled)} ${answer.handled === 1 ? 'event' : 'events'}`;
      if (answer.freed) this.toasts.done(`Freed: ${events} applied.`);
      else this.toasts.problem('Left out; another event of the record cannot be applied either.');
      return true;
    } catch (error) {
      this.toasts.problem(apiError(error).message);
      return false;
    }
  }
}

type Answer =
  | { readonly __typename: 'FreedDeadLetter'; readonly freed: boolean; readonly handled: number }
  | { readonly __typename: 'Refused'; readonly message: string };
