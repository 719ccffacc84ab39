import { Component, computed, inject, input, linkedSignal, output, signal } from '@angular/core';
import { Icon } from '../../ui/icon';
import { When } from '../../ui/when';
import { problemText } from '../session/link-pages';
import { presetOf } from './presets';
import { Providers, type Provider, type ProviderChange, type Setup } from './providers';

const WARN_DAYS = 30;
const DAY = 86_400_000;

/** How the provider is asked: SAML addresses and certificates, or issuer and client. */
@Component({
  selector: 'cf-connection-form',
  imports: [Icon, When],
  templateUrl: './connection-form.html',
  styleUrls: ['../users/people.scss', './sso.scss'],
  styles: ':host { display: block; max-width: none; margin: 0; padding: 0; }',
})
export class ConnectionForm {
  private readonly providers = inject(Providers);
  readonly provider = input.required<Provider>();
  readonly setup = input.required<Setup>();
  readonly busy = input(false);
  readonly problem = input<string>();
  readonly save = output<ProviderChange>();
  readonly secret = output<string>();

  protected readonly isSaml = computed(() => this.provider().kind === 'saml');
  protected readonly shown = computed(() => presetOf(this.provider().kind, this.provider().preset));
  protected readonly entityId = linkedSignal(() => this.provider().entityId ?? '');
  protected readonly signOnUrl = linkedSignal(() => this.provider().signOnUrl ?? '');
  protected readonly newCertificate = linkedSignal(() => {
    this.provider();
    return '';
  });
  protected readonly reading = signal(false);
  protected readonly metadataProblem = signal<string | undefined>(undefined);

  /** Takes an address, or the XML itself; certificates that are known stay until they are removed. */
  protected async readMetadata(text: string): Promise<void> {
    const given = text.trim();
    this.metadataProblem.set(given ? undefined : 'Give an address or the XML.');
    if (!given) return;
    this.reading.set(true);
    try {
      const source = given.startsWith('<') ? { xml: given } : { url: given };
      const { entityId, signOnUrl, certificates } = await this.providers.readMetadata(source);
      const known = this.provider().entityId === entityId ? this.certificates() : [];
      const all = [...new Set([...certificates, ...known].map((pem) => pem.trim()))];
      this.save.emit({ entityId, signOnUrl, certificates: all.slice(0, 3) });
    } catch (error) {
      this.metadataProblem.set(problemText(error));
    } finally {
      this.reading.set(false);
    }
  }

  protected saveSaml(): void {
    const added = this.newCertificate().trim();
    this.save.emit({
      entityId: this.entityId().trim() || null,
      signOnUrl: this.signOnUrl().trim() || null,
      ...(added ? { certificates: [...this.certificates(), added] } : {}),
    });
  }
  protected removeCertificate(index: number): void {
    this.save.emit({ certificates: this.certificates().filter((_, at) => at !== index) });
  }
  protected endsSoon(validTo: string): boolean {
    return Date.parse(validTo) < Date.now() + WARN_DAYS * DAY;
  }
  protected hasEnded(validTo: string): boolean {
    return Date.parse(validTo) < Date.now();
  }

  private certificates(): readonly string[] {
    return this.provider().certificates ?? [];
  }
}
