import { Component, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { When } from '../../ui/when';
import { People, type MailShown, type WholeMail } from './people';

/** Mail that was sent, or captured while no mail server is set. */
@Component({
  selector: 'cf-outbox-page',
  imports: [Bones, Failure, State, When],
  template: `
    <header>
      <div>
        <h1>Outbox</h1>
        <p>
          Mail of this workspace. Without a mail server nothing leaves: captured mail is read here.
        </p>
      </div>
      <button type="button" class="button" (click)="refresh()">Refresh</button>
    </header>
    <div class="card">
      @if (error(); as failed) {
        <cf-failure
          [of]="failed"
          title="No mail could be read"
          forbidden="The outbox is for administrators"
          (again)="refresh()"
        />
      } @else if (all(); as mails) {
        @if (mails.length === 0) {
          <cf-state
            icon="mail"
            title="No mail yet"
            text="Invitations, links to new passwords and notices stand here once they are sent."
          />
        } @else {
          <ul aria-label="Mails">
            @for (mail of mails; track mail.id) {
              <li>
                <button
                  type="button"
                  class="open"
                  [attr.aria-expanded]="opened()?.id === mail.id"
                  (click)="toggle(mail)"
                >
                  <span class="name">{{ mail.subject }}</span>
                  <span class="soft">
                    to {{ mail.to }} · {{ mail.status }}
                    @if (mail.problem) {
                      · {{ mail.problem }}
                    }
                  </span>
                </button>
                <span class="soft"><cf-when [at]="mail.createdAt" /></span>
                @if (opened()?.id === mail.id) {
                  @if (opened()!.withheld) {
                    <p class="mail">Only its reader and those of their rank may read this mail.</p>
                  } @else if (opened()!.text === null) {
                    <p class="mail">The mail server has it; its text is not kept here.</p>
                  } @else {
                    <pre class="mail">{{ opened()!.text }}</pre>
                  }
                }
              </li>
            }
          </ul>
        }
      } @else {
        <cf-bones />
      }
    </div>
  `,
  styleUrl: './people.scss',
  styles: `
    .open .name,
    .open .soft {
      display: block;
    }
  `,
})
export class OutboxPage {
  private readonly people = inject(People);
  protected readonly all = signal<readonly MailShown[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly opened = signal<WholeMail | undefined>(undefined);

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      this.all.set(await this.people.mails());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected async toggle({ id }: MailShown): Promise<void> {
    if (this.opened()?.id === id) return this.opened.set(undefined);
    try {
      this.opened.set(await this.people.mail(id));
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
}
