import { ChangeDetectionStrategy, Component } from '@angular/core';
import { MatToolbar } from '@angular/material/toolbar';
import { RouterOutlet } from '@angular/router';

/** The frame around every page. */
@Component({
  selector: 'cf-root',
  imports: [MatToolbar, RouterOutlet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <mat-toolbar><h1>ClientForge</h1></mat-toolbar>
    <main><router-outlet /></main>
  `,
})
export class Root {}
