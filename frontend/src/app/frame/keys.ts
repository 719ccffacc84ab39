import { DOCUMENT, DestroyRef, Injectable, inject } from '@angular/core';
import { Commands, type Command } from './commands';

/** How long the second key of a sequence may take, in milliseconds. */
const SEQUENCE = 900;

/** Listens to the keyboard for the whole app; never while somebody is typing. */
@Injectable({ providedIn: 'root' })
export class Keys {
  private readonly commands = inject(Commands);
  private readonly document = inject(DOCUMENT);
  private readonly destroy = inject(DestroyRef);
  private first: { readonly key: string; readonly at: number } | undefined;

  listen(): void {
    const press = (event: KeyboardEvent) => this.press(event);
    this.document.addEventListener('keydown', press);
    this.destroy.onDestroy(() => this.document.removeEventListener('keydown', press));
  }

  private press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const typing = isTyping(event.target as HTMLElement | null);
    const covered = this.document.querySelector('.cdk-overlay-backdrop-showing') !== null;
    const name = nameOf(event);
    const able = (command: Command) =>
      (command.always || !(typing || covered)) && (command.when?.() ?? true);
    const find = (keys: string) =>
      this.commands.all().find((command) => command.keys === keys && able(command));
    const before = this.first;
    this.first = undefined;
    const sequence = before && event.timeStamp - before.at < SEQUENCE;
    const command = (sequence && find(`${before.key} ${name}`)) || find(name);
    if (command) {
      if (isActivation(event)) return;
      event.preventDefault();
      command.run(event);
    } else if (!typing && !covered && name.length === 1) {
      this.first = { key: name, at: event.timeStamp };
    }
  }
}

/** Enter and Space on a button or link belong to that control. */
function isActivation(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  const activates = event.key === 'Enter' || event.key === ' ';
  return activates && Boolean(target?.closest('button, a[href], summary, [role="menuitem"]'));
}

function isTyping(target: HTMLElement | null): boolean {
  if (!target?.closest) return false;
  const box = target.closest('input, textarea, select, [contenteditable="true"]');
  return box !== null && !box.matches('input[type="checkbox"], input[type="radio"]');
}

function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const plain = key === ' ' ? 'space' : key.toLowerCase();
  if (ctrlKey || metaKey) return `mod+${shiftKey ? 'shift+' : ''}${plain}`;
  if (altKey) return `alt+${plain}`;
  return shiftKey && key.length > 1 ? `shift+${plain}` : plain;
}

const isMac = /Mac|iP(hone|ad)/.test(globalThis.navigator?.platform ?? '');
const shown: Readonly<Record<string, string>> = {
  mod: isMac ? '⌘' : 'Ctrl',
  shift: '⇧',
  space: 'Space',
  escape: 'Esc',
  enter: '↵',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
};

/** Keys as people read them: `mod+k` → [`Ctrl`, `K`]. */
export function keyCaps(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => shown[key] ?? key.toUpperCase());
}
