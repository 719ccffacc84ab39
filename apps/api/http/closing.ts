import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SignIn } from '../auth/sign-in.js';
import { AccessLog } from './access-log.js';

/** Writes what was left for later, once no request is under way any more. */
@Injectable()
export class Closing implements OnApplicationShutdown {
  constructor(
    @Inject(AccessLog) private readonly accessLog: AccessLog,
    @Inject(SignIn) private readonly signIn: SignIn,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.signIn.journal.settled();
    await this.accessLog.flush();
  }
}
