import { provideEnvironmentInitializer, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import {
  TitleStrategy,
  UrlSerializer,
  provideRouter,
  withComponentInputBinding,
  withInMemoryScrolling,
  withNavigationErrorHandler,
} from '@angular/router';
import { pageMissing } from './app/frame/missing-pages';
import { PageTitles } from './app/frame/page-titles';
import { TimeUrls, followTime } from './app/frame/time';
import { Root } from './app/root';
import { routes } from './app/routes';

bootstrapApplication(Root, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
      withNavigationErrorHandler(pageMissing),
    ),
    { provide: UrlSerializer, useExisting: TimeUrls },
    provideEnvironmentInitializer(followTime),
    { provide: TitleStrategy, useClass: PageTitles },
  ],
}).catch((error: unknown) => console.error(error));
