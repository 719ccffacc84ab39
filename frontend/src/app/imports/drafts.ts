import { Injectable } from '@angular/core';
import type { Draft } from './mapping';

const PREFIX = 'cf.import.';

/** What a person decided about a file, kept for this tab so that a reload or Back loses nothing. */
@Injectable({ providedIn: 'root' })
export class Drafts {
  read(fileId: string): Draft | undefined {
    try {
      const text = sessionStorage.getItem(PREFIX + fileId);
      return text ? (JSON.parse(text) as Draft) : undefined;
    } catch {
      return undefined;
    }
  }
  keep(fileId: string, draft: Draft): void {
    try {
      sessionStorage.setItem(PREFIX + fileId, JSON.stringify(draft));
    } catch {
      // A full storage costs the choices after a reload, not the import.
    }
  }
}
