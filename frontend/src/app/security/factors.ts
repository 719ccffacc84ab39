/** What a sign-in still needs after the password. */
export interface SecondStep {
  readonly step: 'factor' | 'enrolment';
  readonly challenge: string;
  readonly factors: readonly string[];
}

/** What an authenticator app needs; shown once. */
export interface BegunFactor {
  readonly factorId: string;
  readonly secret: string;
  readonly uri: string;
}
