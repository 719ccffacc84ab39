import { Injectable, inject } from '@angular/core';
import { Api, apiError } from '../../../data/api';
import { Toasts } from '../../../ui/toasts';
import { Time } from '../../frame/time';
import type { RecordType } from '../record-type';
import { filterParams, type ListState } from './list-state';

/** Gives what a list shows as a file: same filters, sort, columns and instant. */
@Injectable()
export class ListExport {
  private readonly api = inject(Api);
  private readonly time = inject(Time);
  private readonly toasts = inject(Toasts);

  async save(type: RecordType, state: ListState): Promise<void> {
    const { search, sort, filters, columns, life } = state;
    const asOf = this.time.asOf();
    const query = new URLSearchParams({
      format: 'csv',
      sort,
      fields: columns.join(','),
      ...(filterParams(filters) as Record<string, string>),
      ...(search ? { search } : {}),
      ...(asOf ? { asOf } : {}),
      ...(life === 'archived' ? { archived: 'only' } : {}),
      ...(life === 'deleted' ? { archived: 'include', deleted: 'only' } : {}),
    });
    try {
      const headers = { accept: 'text/csv' };
      const response = await this.api.send(`/api/v1/${type.collection}?${query}`, { headers });
      if (!response.ok) throw new Error(await reasonOf(response));
      download(await response.blob(), `${type.collection}${asOf ? `-${asOf}` : ''}.csv`);
      this.toasts.done(`The list was exported as ${type.collection}.csv.`);
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    }
  }
}

async function reasonOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
  return body.error?.message ?? `The server answered with status ${response.status}.`;
}

function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
