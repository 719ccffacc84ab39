import { Component, computed, inject, input, output, signal } from '@angular/core';
import { ApiError, apiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import type { RecordType } from '../records/record-type';
import { bytesText, type ImportFile } from './import-file';
import { Imports } from './imports';
import { RecentImports } from './recent-imports';

interface Upload {
  readonly name: string;
  readonly bytes: number;
  readonly share: number;
}

/** The first step: what the file holds, and the file. */
@Component({
  selector: 'cf-choose-file',
  imports: [Icon, RecentImports],
  templateUrl: './choose-file.html',
  styleUrl: './choose-file.scss',
})
export class ChooseFile {
  readonly types = input.required<readonly RecordType[]>();
  /** The chosen collection. */
  readonly type = input.required<string>();
  readonly typeChange = output<string>();
  readonly uploaded = output<ImportFile>();
  private readonly imports = inject(Imports);
  protected readonly upload = signal<Upload | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly isOver = signal(false);
  private abort: AbortController | undefined;
  protected readonly percent = computed(() => Math.floor((this.upload()?.share ?? 0) * 100));
  protected readonly bytes = bytesText;
  protected readonly capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

  protected over(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files') || this.upload()) return;
    event.preventDefault();
    this.isOver.set(true);
  }
  protected drop(event: DragEvent): void {
    event.preventDefault();
    this.isOver.set(false);
    const file = event.dataTransfer?.files[0];
    if (file && !this.upload()) void this.send(file);
  }
  protected pick(box: HTMLInputElement): void {
    const file = box.files?.[0];
    // The same file, once it is mended, is a new choice.
    box.value = '';
    if (file) void this.send(file);
  }
  protected cancel(): void {
    this.abort?.abort();
  }

  private async send(file: File): Promise<void> {
    this.error.set(await whyNot(file));
    if (this.error()) return;
    const { name, size: bytes } = file;
    this.abort = new AbortController();
    this.upload.set({ name, bytes, share: 0 });
    try {
      const progress = (share: number) => this.upload.set({ name, bytes, share });
      const { signal } = this.abort;
      this.uploaded.emit(await this.imports.upload(file, this.type(), { progress, signal }));
    } catch (error) {
      if ((error as Error).name !== 'AbortError') this.error.set(apiError(error));
    } finally {
      this.upload.set(undefined);
    }
  }
}

/** What can be seen without the server: a workbook is no CSV file, and an empty one holds nothing. */
async function whyNot(file: File): Promise<ApiError | undefined> {
  const problem = (message: string, remedy: string) =>
    new ApiError('FILE', message, 0, [{ message, remedy }]);
  if (file.size === 0) {
    return problem(`${file.name} is empty.`, 'Choose a file with a heading and at least one row.');
  }
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const isZip = start[0] === 0x50 && start[1] === 0x4b;
  const isOldWorkbook = start[0] === 0xd0 && start[1] === 0xcf;
  if (!isZip && !isOldWorkbook) return undefined;
  return problem(
    `${file.name} is a spreadsheet or an archive, not a CSV file.`,
    'Open it in your spreadsheet and save it as “CSV UTF-8”.',
  );
}
