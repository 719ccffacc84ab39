/** A body a browser sent as a form; only endpoints that say so take one. */
export class FormBody {
  constructor(readonly fields: URLSearchParams) {}
}

export const FORM_TYPE = 'application/x-www-form-urlencoded';
