import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';
import { State } from '../../ui/state';

@Component({
  selector: 'cf-not-found',
  imports: [RouterLink, State],
  template: `
    <cf-state
      icon="search"
      title="There is no such page"
      text="The address may be incomplete, or from another version of the app."
    >
      <a class="button" routerLink="/">Go home</a>
    </cf-state>
  `,
})
export class NotFound {}
