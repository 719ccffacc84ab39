import { Injectable, inject } from '@angular/core';
import { Api, ApiError, errorOf, type Envelope } from '../../data/api';
import type { Job } from '../operations/job';
import type { Dialect, ImportFile } from './import-file';
import type { ImportRequest } from './mapping';

export interface UploadOptions {
  /** Told the share that was sent, from 0 to 1. */
  readonly progress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** Uploads files, describes them and starts their import. */
@Injectable({ providedIn: 'root' })
export class Imports {
  private readonly api = inject(Api);

  /** Rejects with an `ApiError`, or with an `AbortError` once the signal says so. */
  async upload(content: File, type: string, options: UploadOptions): Promise<ImportFile> {
    const query = new URLSearchParams({ name: content.name, type });
    const send = () => sendFile(this.api, `/api/v1/import-files?${query}`, content, options);
    try {
      return await send();
    } catch (error) {
      const isExpired = error instanceof ApiError && error.status === 401;
      if (!isExpired || !(await this.api.renewOnce())) throw error;
      return send();
    }
  }

  /** The file, read again in another dialect where one is given. */
  file(id: string, dialect?: Dialect): Promise<ImportFile> {
    const query = dialect
      ? `?${new URLSearchParams({ encoding: dialect.encoding, delimiter: dialect.delimiter })}`
      : '';
    return this.api.json(`/api/v1/import-files/${id}${query}`);
  }

  start(type: string, body: ImportRequest): Promise<Job> {
    return this.api.json(`/api/v1/${type}/import`, { body });
  }
}

/** `fetch` cannot tell how much of a body was sent. */
function sendFile(
  api: Api,
  path: string,
  content: File,
  { progress, signal }: UploadOptions,
): Promise<ImportFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    const headers = {
      ...api.authorization,
      accept: 'application/json',
      'content-type': 'application/octet-stream',
    };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) progress(loaded / total);
    });
    request.addEventListener('load', () => {
      const envelope = bodyOf(request.responseText);
      if (request.status < 300) return resolve(envelope.data as ImportFile);
      const id = request.getResponseHeader('x-request-id');
      const answer = {
        status: request.status,
        headers: new Headers(id ? { 'x-request-id': id } : {}),
      };
      reject(errorOf(answer, envelope));
    });
    request.addEventListener('error', () =>
      reject(new ApiError('OFFLINE', 'The upload was cut off. Nothing was imported.')),
    );
    request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
    signal.addEventListener('abort', () => request.abort());
    request.send(content);
  });
}

function bodyOf(text: string): Envelope {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return {};
  }
}
