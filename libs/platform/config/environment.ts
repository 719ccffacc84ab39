/** The process environment. This is the one place that names it; everything else takes `Config`. */
export const environment: Record<string, string | undefined> = process.env;
