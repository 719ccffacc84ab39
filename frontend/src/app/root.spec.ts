import { provideRouter } from '@angular/router';
import { TestBed } from '@angular/core/testing';
import { Root } from './root';

describe('Root', () => {
  it('names the product', async () => {
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    const fixture = TestBed.createComponent(Root);
    await fixture.whenStable();
    expect(fixture.nativeElement.querySelector('h1').textContent).toBe('ClientForge');
  });
});
