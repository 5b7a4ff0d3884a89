/** Whether requests of a path are limited. Liveness, readiness and metrics are for machines that always need an answer. */
export const isLimited = (path: string): boolean => /^\/(api|v1)(\/|$)/i.test(path);
